package handlers

import (
	"crypto/rand"
	"encoding/hex"

	"example.com/projects/store"
)

func newToken(user *store.User) string {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		panic(err)
	}
	return hex.EncodeToString(raw)
}
