package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/crypto/bcrypt"
)

const maxBody = 1 << 20

var page = template.Must(template.New("jobs").Parse(`<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>`))

type server struct {
	db     *sql.DB
	secret []byte
	files  *os.Root
}

func main() {
	secret := os.Getenv("QUEUE_SECRET")
	if secret == "" {
		slog.Error("QUEUE_SECRET is not set")
		os.Exit(1)
	}
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		slog.Error("no database", "error", err)
		os.Exit(1)
	}
	root, err := os.OpenRoot("files")
	if err != nil {
		slog.Error("no files", "error", err)
		os.Exit(1)
	}
	s := &server{db: db, secret: []byte(secret), files: root}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jobs", s.signedIn(s.list))
	mux.HandleFunc("POST /jobs", s.signedIn(s.add))
	mux.HandleFunc("DELETE /jobs/{id}", s.signedIn(s.remove))
	mux.HandleFunc("GET /files/{name}", s.signedIn(s.file))
	mux.HandleFunc("GET /load", s.signedIn(load))
	httpServer := &http.Server{
		Addr:              ":8443",
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12},
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		<-ctx.Done()
		_ = httpServer.Shutdown(context.Background())
	}()
	if err := httpServer.ListenAndServeTLS("cert.pem", "key.pem"); !errors.Is(err, http.ErrServerClosed) {
		slog.Error("stopped", "error", err)
	}
}

func (s *server) signedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		mac := hmac.New(sha256.New, s.secret)
		mac.Write([]byte(r.Header.Get("X-User")))
		given, err := hex.DecodeString(r.Header.Get("X-Signature"))
		if err != nil || !hmac.Equal(mac.Sum(nil), given) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	rows, err := s.db.QueryContext(r.Context(), "SELECT name FROM jobs WHERE owner = $1 ORDER BY id", r.Header.Get("X-User"))
	if err != nil {
		slog.Error("list", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		names = append(names, name)
	}
	if err := page.Execute(w, names); err != nil {
		slog.Warn("page", "error", err)
	}
}

func (s *server) add(w http.ResponseWriter, r *http.Request) {
	var job struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&job); err != nil {
		http.Error(w, "bad input", http.StatusBadRequest)
		return
	}
	_, err := s.db.ExecContext(r.Context(), "INSERT INTO jobs (owner, name) VALUES ($1, $2)", r.Header.Get("X-User"), job.Name)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/jobs", http.StatusSeeOther)
}

func (s *server) remove(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if _, err := s.db.ExecContext(r.Context(), "DELETE FROM jobs WHERE id = $1 AND owner = $2", id, r.Header.Get("X-User")); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) file(w http.ResponseWriter, r *http.Request) {
	file, err := s.files.Open(filepath.Base(r.PathValue("name")))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.Copy(w, file)
}

func load(w http.ResponseWriter, r *http.Request) {
	out, err := exec.CommandContext(r.Context(), "uptime").Output()
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write(out)
}

func token() (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	return hex.EncodeToString(raw), nil
}

func check(hash, password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}
