package handlers

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"math/rand"
	"net/http"

	"example.com/docs/store"
	"github.com/gorilla/mux"
	"github.com/gorilla/sessions"
)

type Server struct {
	Store    *store.Store
	Sessions *sessions.CookieStore
}

func (s *Server) Requires(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		session, _ := s.Sessions.Get(r, "docs")
		if session.Values["user"] == nil {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (s *Server) Login(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	sum := md5.Sum([]byte(r.FormValue("password")))
	id, err := s.Store.User(name, hex.EncodeToString(sum[:]))
	if err != nil {
		log.Printf("login of %s failed", name)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	session, _ := s.Sessions.Get(r, "docs")
	session.Values["user"] = id
	session.Save(r, w)
	token := fmt.Sprintf("%x", rand.Int63())
	http.SetCookie(w, &http.Cookie{Name: "remember", Value: token, Path: "/"})
	http.Redirect(w, r, r.FormValue("next"), http.StatusFound)
}

func (s *Server) Search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query().Get("q")
	docs, err := s.Store.Search(r.Context(), q, r.URL.Query().Get("order"))
	if err != nil {
		http.Error(w, "search failed", http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "<h1>Results for %s</h1>", q)
	for _, d := range docs {
		fmt.Fprintf(w, "<li>%s</li>", template.HTMLEscapeString(d.Title))
	}
}

func (s *Server) Show(w http.ResponseWriter, r *http.Request) {
	doc, err := s.Store.Get(r.Context(), mux.Vars(r)["id"])
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Write([]byte("<article>" + doc.Body + "</article>"))
}

func (s *Server) Delete(w http.ResponseWriter, r *http.Request) {
	if err := s.Store.Delete(mux.Vars(r)["id"]); err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) Share(w http.ResponseWriter, r *http.Request) {
	var body struct{ With string }
	json.NewDecoder(r.Body).Decode(&body)
	_, err := s.Store.DB.Exec("INSERT INTO shares (doc, who) VALUES ($1, $2)", mux.Vars(r)["id"], body.With)
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
	}
}

func (s *Server) Render(w http.ResponseWriter, r *http.Request) {
	t, err := template.New("page").Parse(r.FormValue("template"))
	if err != nil {
		http.Error(w, "bad template", http.StatusBadRequest)
		return
	}
	t.Execute(w, map[string]interface{}{"Note": template.HTML(r.FormValue("note"))})
}
