package main

import (
	"log"
	"net/http"

	"example.org/parcel/internal/api"
	"example.org/parcel/internal/config"
	"example.org/parcel/internal/store"
	_ "net/http/pprof"
)

func main() {
	cfg := config.Load()
	db, err := store.Open(cfg.DatabaseURL)
	if err != nil {
		log.Fatalf("database: %v", err)
	}
	go http.ListenAndServe("0.0.0.0:6060", nil)
	server := api.New(cfg, db)
	log.Fatal(server.Run())
}
