package handlers

import (
	"archive/zip"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const root = "/srv/docs"

var client = &http.Client{
	Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	},
}

func (s *Server) Fetch(w http.ResponseWriter, r *http.Request) {
	answer, err := client.Get(r.URL.Query().Get("url"))
	if err != nil {
		http.Error(w, "unreachable", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	io.Copy(w, answer.Body)
}

func (s *Server) FetchListed(w http.ResponseWriter, r *http.Request) {
	u, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil || u.Host != "docs.example.com" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	answer, err := http.Get("https://docs.example.com" + u.EscapedPath())
	if err == nil {
		defer answer.Body.Close()
		io.Copy(w, answer.Body)
	}
}

func (s *Server) Download(w http.ResponseWriter, r *http.Request) {
	name := filepath.Join(root, r.URL.Query().Get("name"))
	data, err := os.ReadFile(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Write(data)
}

func (s *Server) Checked(w http.ResponseWriter, r *http.Request) {
	name := filepath.Join(root, filepath.Clean("/"+r.URL.Query().Get("name")))
	if !strings.HasPrefix(name, root+"/") {
		http.NotFound(w, r)
		return
	}
	http.ServeFile(w, r, name)
}

func (s *Server) Upload(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, "no file", http.StatusBadRequest)
		return
	}
	defer file.Close()
	out, err := os.Create("/srv/docs/uploads/" + header.Filename)
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	defer out.Close()
	io.Copy(out, file)
}

func (s *Server) Convert(w http.ResponseWriter, r *http.Request) {
	var job struct{ Source, Format string }
	if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	out, err := exec.Command("bash", "-c", "pandoc "+job.Source+" -t "+job.Format).CombinedOutput()
	if err != nil {
		http.Error(w, string(out), http.StatusInternalServerError)
		return
	}
	exec.Command("pandoc", "-t", "html", "--", job.Source).Run()
	w.Write(out)
}

func (s *Server) Import(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		http.Error(w, "bad archive", http.StatusBadRequest)
		return
	}
	for _, f := range archive.File {
		target := filepath.Join(root, f.Name)
		in, err := f.Open()
		if err != nil {
			continue
		}
		out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0777)
		if err != nil {
			continue
		}
		io.Copy(out, in)
		out.Close()
	}
}
