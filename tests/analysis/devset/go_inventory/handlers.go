package main

import (
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io"
	"log"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dgrijalva/jwt-go"
	"github.com/gorilla/mux"
)

var jwtKey = []byte("inventory-signing-key")

var page = template.Must(template.New("items").Parse(`<ul>{{range .}}<li>{{.Name}}</li>{{end}}</ul>`))

type Server struct {
	store *Store
}

func (s *Server) requireUser(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		raw := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		token, err := jwt.Parse(raw, func(t *jwt.Token) (interface{}, error) { return jwtKey, nil })
		if err != nil || !token.Valid {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	name, password := r.FormValue("name"), r.FormValue("password")
	digest, err := s.store.password(name)
	sum := md5.Sum([]byte(password))
	if err != nil || digest != hex.EncodeToString(sum[:]) {
		log.Printf("login failed for %s with %s", name, password)
		http.Error(w, "wrong name or password", http.StatusForbidden)
		return
	}
	claims := jwt.MapClaims{"sub": name, "exp": time.Now().Add(time.Hour).Unix()}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(jwtKey)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "token", Value: signed, Path: "/"})
	fmt.Fprintln(w, "ok")
}

func (s *Server) items(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	order := query.Get("order")
	if order == "" {
		order = "name"
	}
	items, err := s.store.find(query.Get("name"), order)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := page.Execute(w, items); err != nil {
		log.Print(err)
	}
}

func (s *Server) item(w http.ResponseWriter, r *http.Request) {
	item, err := s.store.get(mux.Vars(r)["id"])
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(item)
}

func (s *Server) addItem(w http.ResponseWriter, r *http.Request) {
	if err := s.store.add(r.FormValue("name")); err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
	}
}

func (s *Server) deleteItem(w http.ResponseWriter, r *http.Request) {
	if err := s.store.remove(mux.Vars(r)["id"]); err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
	}
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	year := r.URL.Query().Get("year")
	out, err := exec.Command("sh", "-c", "./report.sh "+year).CombinedOutput()
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Write(out)
}

func (s *Server) label(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("text")
	out, err := exec.Command("barcode", "-b", text).Output()
	if err != nil {
		fmt.Fprintf(w, "<p>No label for %s</p>", text)
		return
	}
	fmt.Fprintf(w, "<p>%s</p><img src='data:%x'>", html.EscapeString(text), out)
}

func (s *Server) photo(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	if strings.HasPrefix(name, "thumb/") {
		http.ServeFile(w, r, filepath.Join("photos/thumbs", filepath.Base(name)))
		return
	}
	data, err := os.ReadFile(filepath.Join("photos", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Write(data)
}

func (s *Server) importFrom(w http.ResponseWriter, r *http.Request) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	reply, err := client.Get(r.FormValue("url"))
	if err != nil {
		http.Error(w, "failed", http.StatusBadGateway)
		return
	}
	defer reply.Body.Close()
	body, _ := io.ReadAll(reply.Body)
	w.Write([]byte(template.HTML(body)))
}

func (s *Server) out(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
}

func resetCode() string {
	return fmt.Sprintf("%06d", rand.Intn(1000000))
}

func jitter() time.Duration {
	return time.Duration(rand.Intn(100)) * time.Millisecond
}
