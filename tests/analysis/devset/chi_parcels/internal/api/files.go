package api

import (
	"archive/tar"
	"archive/zip"
	"encoding/gob"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-chi/chi/v5"
)

var partners = map[string]bool{"labels.partner.example": true}

func (s *Server) files() http.Handler {
	r := chi.NewRouter()
	r.Use(s.auth.Middleware)
	r.Get("/raw", s.raw)
	r.Get("/flat/{name}", s.flat)
	r.Get("/inside", s.inside)
	r.Post("/upload", s.upload)
	r.Post("/unpack", s.unpack)
	r.Post("/untar", s.untar)
	r.Get("/fetch", s.fetch)
	r.Get("/partner", s.partner)
	r.Post("/state", s.state)
	return r
}

func (s *Server) raw(w http.ResponseWriter, r *http.Request) {
	http.ServeFile(w, r, filepath.Join(s.cfg.Uploads, r.URL.Query().Get("name")))
}

func (s *Server) flat(w http.ResponseWriter, r *http.Request) {
	data, err := os.ReadFile(filepath.Join(s.cfg.Uploads, filepath.Base(chi.URLParam(r, "name"))))
	if err == nil {
		w.Write(data)
	}
}

func (s *Server) inside(w http.ResponseWriter, r *http.Request) {
	full := filepath.Join(s.cfg.Uploads, r.URL.Query().Get("name"))
	if rel, err := filepath.Rel(s.cfg.Uploads, full); err != nil || strings.HasPrefix(rel, "..") {
		http.Error(w, "outside", 400)
		return
	}
	http.ServeFile(w, r, full)
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	_, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, "file?", 400)
		return
	}
	source, _ := header.Open()
	defer source.Close()
	target, err := os.Create(s.cfg.Uploads + "/" + r.FormValue("folder") + "/" + header.Filename)
	if err != nil {
		return
	}
	defer target.Close()
	io.Copy(target, source)
}

func (s *Server) unpack(w http.ResponseWriter, r *http.Request) {
	file, header, _ := r.FormFile("archive")
	archive, err := zip.NewReader(file, header.Size)
	if err != nil {
		return
	}
	for _, entry := range archive.File {
		target := filepath.Join(s.cfg.Uploads, entry.Name)
		out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			continue
		}
		in, _ := entry.Open()
		io.Copy(out, in)
		out.Close()
	}
}

func (s *Server) untar(w http.ResponseWriter, r *http.Request) {
	reader := tar.NewReader(r.Body)
	for {
		header, err := reader.Next()
		if err != nil {
			return
		}
		if !filepath.IsLocal(header.Name) {
			continue
		}
		out, err := os.Create(filepath.Join(s.cfg.Uploads, header.Name))
		if err != nil {
			continue
		}
		io.Copy(out, io.LimitReader(reader, 1<<20))
		out.Close()
	}
}

func (s *Server) fetch(w http.ResponseWriter, r *http.Request) {
	request, err := http.NewRequestWithContext(r.Context(), "GET", r.URL.Query().Get("url"), nil)
	if err != nil {
		return
	}
	response, err := s.client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	io.Copy(w, response.Body)
}

func (s *Server) partner(w http.ResponseWriter, r *http.Request) {
	u, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil || !partners[u.Hostname()] || u.Scheme != "https" {
		http.Error(w, "host", 400)
		return
	}
	response, err := http.Get(u.String())
	if err == nil {
		response.Body.Close()
	}
}

func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	var state map[string]string
	_ = gob.NewDecoder(r.Body).Decode(&state)
	name := state["name"]
	os.WriteFile("/srv/parcel/state/"+name, []byte(state["body"]), 0o777)
}
