package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
	"gorm.io/gorm"
)

type Server struct {
	db   *gorm.DB
	keys *Keys
}

type Entry struct {
	ID        uint
	AccountID uint
	Amount    int64
	Memo      string
}

type Account struct {
	ID      uint
	UserID  uint
	Name    string
	Balance int64
}

func (s *Server) Routes() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.With(httprate.LimitByIP(10, 60)).Post("/login", s.login)
	r.Get("/rates", s.rates)

	r.Route("/accounts", func(r chi.Router) {
		r.Use(s.authenticated)
		r.Get("/", s.listAccounts)
		r.Post("/", s.openAccount)
		r.Get("/{accountID}", s.showAccount)
		r.Delete("/{accountID}", s.closeAccount)
		r.Patch("/{accountID}", s.renameAccount)
		r.Get("/{accountID}/entries", s.listEntries)
	})

	r.Group(func(r chi.Router) {
		r.Use(s.authenticated)
		r.Use(s.staffOnly)
		r.Post("/entries/{entryID}/void", s.voidEntry)
		r.Get("/reports/daily", s.dailyReport)
	})

	r.Post("/imports", s.importEntries)
	r.Put("/entries/{entryID}", s.editEntry)
	return r
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	user, err := s.keys.Check(r.Context(), in.Email, in.Password)
	if err != nil {
		http.Error(w, "wrong address or password", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "session", Value: s.keys.Issue(user), HttpOnly: true, Secure: true, Path: "/"})
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) rates(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(map[string]float64{"EUR": 1.08})
}

func (s *Server) listAccounts(w http.ResponseWriter, r *http.Request) {
	var accounts []Account
	s.db.Where("user_id = ?", userID(r)).Find(&accounts)
	json.NewEncoder(w).Encode(accounts)
}

func (s *Server) openAccount(w http.ResponseWriter, r *http.Request) {
	var account Account
	if err := json.NewDecoder(r.Body).Decode(&account); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	account.UserID = userID(r)
	s.db.Create(&account)
	json.NewEncoder(w).Encode(account)
}

func (s *Server) showAccount(w http.ResponseWriter, r *http.Request) {
	account, err := s.ownAccount(r)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	json.NewEncoder(w).Encode(account)
}

func (s *Server) ownAccount(r *http.Request) (*Account, error) {
	var account Account
	err := s.db.Where("id = ? AND user_id = ?", chi.URLParam(r, "accountID"), userID(r)).First(&account).Error
	return &account, err
}

func (s *Server) closeAccount(w http.ResponseWriter, r *http.Request) {
	if err := s.db.Delete(&Account{}, chi.URLParam(r, "accountID")).Error; err != nil {
		log.Print(err)
		http.Error(w, "could not close", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) renameAccount(w http.ResponseWriter, r *http.Request) {
	account, err := s.ownAccount(r)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	var in struct{ Name string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	account.Name = in.Name
	s.db.Save(account)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) listEntries(w http.ResponseWriter, r *http.Request) {
	var entries []Entry
	s.db.Where("account_id = ?", chi.URLParam(r, "accountID")).Find(&entries)
	json.NewEncoder(w).Encode(entries)
}

func (s *Server) voidEntry(w http.ResponseWriter, r *http.Request) {
	s.db.Model(&Entry{}).Where("id = ?", chi.URLParam(r, "entryID")).Update("amount", 0)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) dailyReport(w http.ResponseWriter, r *http.Request) {
	var total int64
	if err := s.db.Model(&Entry{}).Select("sum(amount)").Scan(&total).Error; err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "%d", total)
}

func (s *Server) editEntry(w http.ResponseWriter, r *http.Request) {
	var in struct{ Memo string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	s.db.Model(&Entry{}).Where("id = ?", chi.URLParam(r, "entryID")).Update("memo", in.Memo)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) importEntries(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, "no file", http.StatusBadRequest)
		return
	}
	defer file.Close()
	target, err := os.Create(filepath.Join("imports", filepath.Base(header.Filename)))
	if err != nil {
		http.Error(w, "could not store", http.StatusInternalServerError)
		return
	}
	defer target.Close()
	io.Copy(target, file)
	var entries []Entry
	json.NewDecoder(target).Decode(&entries)
	s.db.Create(&entries)
}
