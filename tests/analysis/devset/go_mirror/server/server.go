package server

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	ttemplate "text/template"

	"example.com/mirror/auth"
	"example.com/mirror/fetch"
)

type Server struct {
	db     *sql.DB
	client *fetch.Client
	root   string
	guard  *auth.Guard
	hits   map[string]int
	mu     sync.Mutex
}

var page = template.Must(template.New("page").Parse(`<h1>{{.Title}}</h1><div>{{.Body}}</div>`))
var notice = ttemplate.Must(ttemplate.New("notice").Parse(`<p>{{.}}</p>`))

func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.index)
	mux.HandleFunc("/pkg/", s.pkg)
	mux.HandleFunc("/search", s.search)
	mux.HandleFunc("/file", s.file)
	mux.HandleFunc("/raw/", s.raw)
	mux.HandleFunc("/notice", s.notice)
	mux.HandleFunc("/render", s.render)
	mux.HandleFunc("/go", s.leave)
	mux.HandleFunc("/hook", s.hook)
	mux.Handle("/admin/sync", s.guard.MiddlewareConstant(http.HandlerFunc(s.sync)))
	mux.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir(s.root))))
	return mux
}

func (s *Server) index(w http.ResponseWriter, r *http.Request) {
	s.hits[r.URL.Path]++
	fmt.Fprintln(w, "mirror")
}

func (s *Server) pkg(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/pkg/")
	index, err := s.client.Index(r.Context(), r.URL.Query().Get("mirror"), name)
	if err != nil {
		http.Error(w, "upstream failed", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(index)
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.FormValue("q")
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit > 100 {
		limit = 20
	}
	where := []string{"1=1"}
	if q != "" {
		where = append(where, "name LIKE '%"+q+"%'")
	}
	query := fmt.Sprintf("SELECT name, version FROM packages WHERE %s LIMIT %d", strings.Join(where, " AND "), limit)
	rows, err := s.db.QueryContext(r.Context(), query)
	if err != nil {
		log.Printf("search: %v", err)
		http.Error(w, "search failed", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	type hit struct{ Name, Version string }
	var hits []hit
	for rows.Next() {
		var h hit
		if err := rows.Scan(&h.Name, &h.Version); err != nil {
			continue
		}
		hits = append(hits, h)
	}
	json.NewEncoder(w).Encode(hits)
}

func (s *Server) byID(w http.ResponseWriter, r *http.Request) {
	var name string
	row := s.db.QueryRow("SELECT name FROM packages WHERE id = $1", r.FormValue("id"))
	if err := row.Scan(&name); err != nil {
		http.NotFound(w, r)
		return
	}
	page.Execute(w, map[string]any{"Title": name, "Body": r.FormValue("note")})
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	if strings.HasPrefix(name, "/") {
		http.Error(w, "bad name", http.StatusBadRequest)
		return
	}
	f, err := os.Open(filepath.Join(s.root, name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	io.Copy(w, f)
}

func (s *Server) raw(w http.ResponseWriter, r *http.Request) {
	name := path.Clean("/" + strings.TrimPrefix(r.URL.Path, "/raw/"))
	http.ServeFile(w, r, filepath.Join(s.root, filepath.FromSlash(name)))
}

func (s *Server) notice(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	notice.Execute(w, r.FormValue("text"))
}

func (s *Server) render(w http.ResponseWriter, r *http.Request) {
	body := template.HTML(r.FormValue("body"))
	page.Execute(w, map[string]any{"Title": "Preview", "Body": body})
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	if !strings.HasPrefix(to, "/") {
		to = "/"
	}
	http.Redirect(w, r, to, http.StatusFound)
}

func (s *Server) hook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "bad body", http.StatusBadRequest)
		return
	}
	if !s.guard.VerifyHookConstant(body, r.Header.Get("X-Signature")) {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	}
	log.Printf("hook of %s", r.Header.Get("X-Repository"))
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) sync(w http.ResponseWriter, r *http.Request) {
	if _, err := s.client.Clone(r.Context(), r.FormValue("remote"), r.FormValue("branch")); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	size, _ := strconv.Atoi(r.FormValue("buffer"))
	buffer := make([]byte, size)
	fmt.Fprintf(w, "ok %d", len(buffer))
}

func (s *Server) probe(w http.ResponseWriter, r *http.Request) {
	resp, err := s.client.Public(r.Context(), r.FormValue("url"))
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	fmt.Fprintf(w, "%d", resp.StatusCode)
}

func (s *Server) allowed(w http.ResponseWriter, r *http.Request) {
	data, err := s.client.Allowed(r.Context(), r.FormValue("url"))
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(data)
}
