package api

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"

	"example.com/parcels/internal/model"
)

var signingKey = []byte(envOr("JWT_SECRET", "parcels-dev-secret"))

func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func (h *Handler) login(c *gin.Context) {
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := c.ShouldBindJSON(&body); err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	account, err := h.store.AccountByEmail(c.Request.Context(), body.Email)
	if err != nil || bcrypt.CompareHashAndPassword([]byte(account.PasswordHash), []byte(body.Password)) != nil {
		h.log.Infof("login of %s failed", body.Email)
		c.JSON(http.StatusUnauthorized, gin.H{"error": "wrong email or password"})
		return
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": account.ID,
		"adm": account.IsAdmin,
		"exp": time.Now().Add(12 * time.Hour).Unix(),
	}).SignedString(signingKey)
	if err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.SetCookie("token", token, 43200, "/", "", false, true)
	c.JSON(http.StatusOK, account)
}

func (h *Handler) requireAccount(c *gin.Context) {
	raw, err := c.Cookie("token")
	if err != nil {
		raw = strings.TrimPrefix(c.GetHeader("Authorization"), "Bearer ")
	}
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(raw, claims, func(t *jwt.Token) (any, error) {
		if _, ok := t.Method.(*jwt.SigningMethodHMAC); !ok {
			return nil, fmt.Errorf("unexpected method %v", t.Header["alg"])
		}
		return signingKey, nil
	})
	if err != nil || !token.Valid {
		c.AbortWithStatus(http.StatusUnauthorized)
		return
	}
	c.Set("account", uint(claims["sub"].(float64)))
	c.Set("admin", claims["adm"])
	c.Next()
}

func (h *Handler) requireAdmin(c *gin.Context) {
	if admin, _ := c.Get("admin"); admin != true {
		c.AbortWithStatus(http.StatusForbidden)
		return
	}
	c.Next()
}

func accountID(c *gin.Context) uint {
	return c.MustGet("account").(uint)
}

func (h *Handler) me(c *gin.Context) {
	var account model.Account
	if err := h.store.Find(c.Request.Context(), &account, accountID(c)); err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, gin.H{"id": account.ID, "email": account.Email})
}

func (h *Handler) courier(c *gin.Context) {
	var courier model.Courier
	if err := h.store.Find(c.Request.Context(), &courier, c.Param("id")); err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, courier)
}

func newAPIKey() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	key := make([]byte, 32)
	for i := range key {
		key[i] = letters[rand.Intn(len(letters))]
	}
	return string(key)
}

func gravatar(email string) string {
	sum := md5.Sum([]byte(strings.ToLower(email)))
	return "https://www.gravatar.com/avatar/" + hex.EncodeToString(sum[:])
}
