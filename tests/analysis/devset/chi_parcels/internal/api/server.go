package api

import (
	"crypto/tls"
	"encoding/json"
	"html/template"
	"net/http"

	"example.org/parcel/internal/auth"
	"example.org/parcel/internal/config"
	"example.org/parcel/internal/store"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Server struct {
	cfg    *config.Config
	store  *store.Store
	auth   *auth.Service
	router chi.Router
	client *http.Client
	pages  *template.Template
}

func New(cfg *config.Config, db *store.Store) *Server {
	s := &Server{cfg: cfg, store: db, auth: auth.New(cfg.JWTKey), router: chi.NewRouter()}
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	s.pages = template.Must(template.ParseGlob("templates/*.html"))
	s.routes()
	return s
}

func (s *Server) routes() {
	r := s.router
	r.Use(middleware.Recoverer, cors)
	r.Post("/login", s.login)
	r.Get("/go", s.leave)
	r.Get("/hello", s.hello)
	r.Get("/page", s.page)
	r.Route("/parcels", func(r chi.Router) {
		r.Use(s.auth.Middleware)
		r.Get("/", s.search)
		r.Get("/tagged", s.tagged)
		r.Get("/{id}", s.show)
		r.Get("/mine/{id}", s.mine)
		r.Delete("/{id}", s.remove)
		r.Post("/{id}/label", s.label)
	})
	r.Route("/admin", func(r chi.Router) {
		r.Use(s.auth.Middleware, auth.RequireRole("admin"))
		r.Get("/count", s.count)
		r.Delete("/parcels/{id}", s.adminRemove)
		r.Post("/ping", s.ping)
	})
	r.Post("/admin/reset", s.reset)
	r.Mount("/files", s.files())
	r.With(s.auth.Middleware).Get("/me", s.me)
}

func (s *Server) Run() error {
	return http.ListenAndServe(s.cfg.Listen, s.router)
}

func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
