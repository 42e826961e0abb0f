package main

import (
	"context"
	"net/http"
)

type contextKey int

const whoKey contextKey = 0

func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("session")
		if err != nil {
			http.Error(w, "please log in", http.StatusUnauthorized)
			return
		}
		user, err := s.keys.Open(cookie.Value)
		if err != nil {
			http.Error(w, "please log in", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), whoKey, user)))
	})
}

func (s *Server) staffOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.keys.IsStaff(userID(r)) {
			http.Error(w, "not for you", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func userID(r *http.Request) uint {
	return r.Context().Value(whoKey).(uint)
}
