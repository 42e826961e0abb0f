package main

import (
	"database/sql"
	"log"
	"net/http"

	"example.com/docs/handlers"
	"example.com/docs/store"
	"github.com/gorilla/mux"
	"github.com/gorilla/sessions"
	_ "github.com/lib/pq"
)

const dsn = "postgres://docs:docs-pass-1@localhost/docs?sslmode=disable"

func main() {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		log.Fatal(err)
	}
	h := &handlers.Server{
		Store:    &store.Store{DB: db},
		Sessions: sessions.NewCookieStore([]byte("very-secret-key")),
	}
	r := mux.NewRouter()
	r.HandleFunc("/login", h.Login).Methods("POST")
	r.HandleFunc("/docs", h.Search).Methods("GET")
	r.HandleFunc("/docs/{id}", h.Show).Methods("GET")
	r.HandleFunc("/docs/{id}", h.Requires(h.Delete)).Methods("DELETE")
	r.HandleFunc("/docs/{id}/share", h.Share).Methods("POST")
	r.HandleFunc("/render", h.Render)
	r.HandleFunc("/fetch", h.Fetch)
	r.HandleFunc("/download", h.Download)
	r.HandleFunc("/upload", h.Requires(h.Upload)).Methods("POST")
	r.HandleFunc("/convert", h.Requires(h.Convert)).Methods("POST")
	r.HandleFunc("/import", h.Requires(h.Import)).Methods("POST")
	http.Handle("/", r)
	log.Fatal(http.ListenAndServe(":8080", nil))
}
