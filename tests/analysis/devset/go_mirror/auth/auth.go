package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	mrand "math/rand"
	"net/http"
	"time"

	"golang.org/x/crypto/pbkdf2"
)

type Guard struct {
	adminToken string
	hookSecret []byte
}

func (g *Guard) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Admin-Token") != g.adminToken {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Guard) MiddlewareConstant(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Admin-Token")), []byte(g.adminToken)) != 1 {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Guard) VerifyHook(body []byte, signature string) bool {
	mac := hmac.New(sha256.New, g.hookSecret)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil)) == signature
}

func (g *Guard) VerifyHookConstant(body []byte, signature string) bool {
	mac := hmac.New(sha256.New, g.hookSecret)
	mac.Write(body)
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature))
}

func HashPassword(password, salt string) string {
	h := sha1.New()
	h.Write([]byte(salt + password))
	return hex.EncodeToString(h.Sum(nil))
}

func DerivePassword(password string, salt []byte) []byte {
	return pbkdf2.Key([]byte(password), salt, 600_000, 32, sha256.New)
}

func SessionToken() string {
	r := mrand.New(mrand.NewSource(time.Now().UnixNano()))
	buf := make([]byte, 24)
	r.Read(buf)
	return base64.RawURLEncoding.EncodeToString(buf)
}

func StrongToken() (string, error) {
	buf := make([]byte, 24)
	if _, err := rand.Read(buf); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(buf), nil
}

func Jitter(base time.Duration) time.Duration {
	return base + time.Duration(mrand.Int63n(int64(base)))
}

func Pick(n int64) (int64, error) {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0, err
	}
	return v.Int64(), nil
}
