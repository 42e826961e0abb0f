package main

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
)

type queue struct {
	jobs  *jobs
	token []byte
}

func main() {
	q := &queue{jobs: newJobs(), token: []byte(os.Getenv("TOKEN"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", q.health)
	mux.HandleFunc("POST /jobs", q.add)
	mux.HandleFunc("GET /jobs/{id}", q.show)
	mux.HandleFunc("DELETE /jobs/{id}", q.cancel)
	server := &http.Server{Addr: ":8080", Handler: q.authorized(mux)}
	log.Fatal(server.ListenAndServe())
}

func (q *queue) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Api-Key")), q.token) != 1 {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (q *queue) health(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) }

func (q *queue) add(w http.ResponseWriter, r *http.Request) {
	var job Job
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&job); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id, err := q.jobs.Add(job)
	if err != nil {
		log.Print(err)
		http.Error(w, "could not add", http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(id)
}

func (q *queue) show(w http.ResponseWriter, r *http.Request) {
	job, err := q.jobs.Find(r.PathValue("id"))
	if errors.Is(err, errMissing) {
		http.NotFound(w, r)
		return
	}
	json.NewEncoder(w).Encode(job)
}

func (q *queue) cancel(w http.ResponseWriter, r *http.Request) {
	if err := q.jobs.Delete(r.PathValue("id")); err != nil {
		http.NotFound(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
