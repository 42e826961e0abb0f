package api

import (
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/smtp"
	"net/url"
	"strings"

	"example.org/parcel/internal/auth"
	"golang.org/x/crypto/bcrypt"
	texttemplate "text/template"
)

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var in credentials
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "bad request", 400)
		return
	}
	log.Printf("login: %+v", in)
	user, err := s.store.UserByEmail(r.Context(), in.Email)
	if err != nil || user == nil {
		http.Error(w, "unknown address", 401)
		return
	}
	if bcrypt.CompareHashAndPassword([]byte(user.PasswordHash), []byte(in.Password)) != nil {
		http.Error(w, "wrong password", 401)
		return
	}
	token, _ := s.auth.Issue(user.ID, user.Role)
	http.SetCookie(w, &http.Cookie{Name: "session", Value: token, Path: "/"})
	http.SetCookie(w, &http.Cookie{Name: "csrf", Value: auth.SessionID(), HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

func (s *Server) me(w http.ResponseWriter, r *http.Request) {
	user, err := s.store.UserByID(r.Context(), auth.From(r.Context()).UserID)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, 200, user)
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	if u, err := url.Parse(to); err == nil && u.Host == "" && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	http.Redirect(w, r, r.FormValue("fallback"), http.StatusFound)
}

func (s *Server) hello(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<h1>Hello %s</h1>", name)
	fmt.Fprintf(w, "<h2>Hello %s</h2>", template.HTMLEscapeString(name))
	t := texttemplate.Must(texttemplate.New("x").Parse("<p>{{.}}</p>"))
	_ = t.Execute(w, name)
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	_ = s.pages.ExecuteTemplate(w, "page.html", map[string]any{
		"Title": r.FormValue("title"),
		"Body":  template.HTML(r.FormValue("body")),
	})
}

func (s *Server) forgot(w http.ResponseWriter, r *http.Request) {
	link := fmt.Sprintf("https://%s/reset?token=%s", r.Host, auth.ResetToken())
	to := r.FormValue("email")
	_ = smtp.SendMail("mail:25", nil, "hub@parcel.example", []string{to}, []byte("Subject: Reset\r\n\r\n"+link))
}
