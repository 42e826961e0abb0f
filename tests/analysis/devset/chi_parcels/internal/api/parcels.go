package api

import (
	"fmt"
	"log"
	"net/http"
	"os/exec"
	"strconv"

	"example.org/parcel/internal/auth"
	"example.org/parcel/internal/store"
	"github.com/go-chi/chi/v5"
)

func idOf(r *http.Request) int64 {
	id, _ := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	return id
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	found, err := s.store.Search(r.Context(), store.Filter{Term: q.Get("q"), Sort: q.Get("sort")})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, 200, found)
}

func (s *Server) tagged(w http.ResponseWriter, r *http.Request) {
	found, err := s.store.Tagged(r.Context(), store.Filter{Tags: r.URL.Query()["tag"], Sort: r.URL.Query().Get("sort")})
	if err != nil {
		log.Printf("tagged: %v", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	writeJSON(w, 200, found)
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	parcel, err := s.store.Parcel(r.Context(), idOf(r))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, 200, parcel)
}

func (s *Server) mine(w http.ResponseWriter, r *http.Request) {
	parcel, err := s.store.OwnedParcel(r.Context(), idOf(r), auth.From(r.Context()).UserID)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, 200, parcel)
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	id := idOf(r)
	parcel, err := s.store.Parcel(r.Context(), id)
	if err != nil || parcel.OwnerID != auth.From(r.Context()).UserID {
		http.NotFound(w, r)
		return
	}
	if err := s.store.DeleteParcel(r.Context(), id); err != nil {
		http.Error(w, "failed", 500)
	}
}

func (s *Server) adminRemove(w http.ResponseWriter, r *http.Request) {
	_ = s.store.DeleteParcel(r.Context(), idOf(r))
}

func (s *Server) label(w http.ResponseWriter, r *http.Request) {
	text := r.FormValue("text")
	out, err := exec.CommandContext(r.Context(), "sh", "-c", fmt.Sprintf("label-print '%s'", text)).Output()
	if err != nil {
		http.Error(w, "printer", 502)
		return
	}
	_ = exec.Command("label-log", "--", text).Run()
	w.Write(out)
}

func (s *Server) count(w http.ResponseWriter, r *http.Request) {
	n, _ := s.store.Count(r.Context(), r.URL.Query().Get("table"))
	fmt.Fprintf(w, "%d", n)
}

func (s *Server) ping(w http.ResponseWriter, r *http.Request) {
	host := r.PostFormValue("host")
	args := []string{"-c", "ping -c 1 " + host}
	out, _ := exec.Command("bash", args...).CombinedOutput()
	w.Write(out)
}

func (s *Server) reset(w http.ResponseWriter, r *http.Request) {
	_, _ = s.store.ExecContext(r.Context(), "TRUNCATE parcels")
}
