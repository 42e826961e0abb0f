package main

import (
	"log"
	"net/http"
	_ "net/http/pprof"

	"github.com/gorilla/mux"
)

func main() {
	store, err := openStore("postgres://inventory:inv-pg-2022@db/inventory?sslmode=disable")
	if err != nil {
		log.Fatal(err)
	}
	server := &Server{store: store}
	router := mux.NewRouter()
	router.HandleFunc("/login", server.login).Methods("POST")
	router.HandleFunc("/items", server.items).Methods("GET")
	router.HandleFunc("/items/{id}", server.requireUser(server.item)).Methods("GET")
	router.HandleFunc("/items", server.requireUser(server.addItem)).Methods("POST")
	router.HandleFunc("/items/{id}", server.deleteItem).Methods("DELETE")
	router.HandleFunc("/report", server.requireUser(server.report))
	router.HandleFunc("/label", server.label)
	router.HandleFunc("/photo", server.photo)
	router.HandleFunc("/import", server.requireUser(server.importFrom)).Methods("POST")
	router.HandleFunc("/out", server.out)
	router.PathPrefix("/static/").Handler(http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	log.Fatal(http.ListenAndServe(":8080", cors(router)))
}

func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		next.ServeHTTP(w, r)
	})
}
