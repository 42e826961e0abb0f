package handlers

import (
	"net/http"

	"example.com/projects/middleware"
	"example.com/projects/store"
	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/bcrypt"
)

type Handler struct{ DB *store.DB }

func (h *Handler) Health(c *gin.Context) {
	c.String(http.StatusOK, "ok")
}

type credentials struct {
	Email    string `json:"email" binding:"required,email"`
	Password string `json:"password" binding:"required"`
}

func (h *Handler) Login(c *gin.Context) {
	var in credentials
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": "email and password, please"})
		return
	}
	user, err := h.DB.UserByEmail(c, in.Email)
	if err != nil {
		c.JSON(http.StatusUnauthorized, gin.H{"error": "no such user"})
		return
	}
	if bcrypt.CompareHashAndPassword([]byte(user.PasswordHash), []byte(in.Password)) != nil {
		c.JSON(http.StatusUnauthorized, gin.H{"error": "wrong password"})
		return
	}
	session := sessions.Default(c)
	session.Clear()
	session.Set("user_id", user.ID)
	if err := session.Save(); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.SetCookie("theme", "light", 3600, "/", "", false, false)
	c.SetCookie("remember_token", newToken(user), 2592000, "/", "", false, false)
	c.JSON(http.StatusOK, user)
}

func (h *Handler) Register(c *gin.Context) {
	var in credentials
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": "email and password, please"})
		return
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(in.Password), 12)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	if _, err := h.DB.ExecContext(c, "INSERT INTO users (email, password_hash) VALUES ($1, $2)", in.Email, string(hash)); err != nil {
		c.JSON(http.StatusConflict, gin.H{"error": "could not register"})
		return
	}
	c.Status(http.StatusCreated)
}

func (h *Handler) Logout(c *gin.Context) {
	session := sessions.Default(c)
	session.Clear()
	session.Options(sessions.Options{Path: "/", MaxAge: -1})
	session.Save()
	c.Status(http.StatusNoContent)
}

func (h *Handler) UpdateMe(c *gin.Context) {
	user := middleware.CurrentUser(c)
	if err := c.ShouldBindJSON(user); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": "bad request"})
		return
	}
	if err := h.DB.SaveUser(c, user); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusOK, user)
}
