package middleware

import (
	"net/http"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
)

func LoggedIn() gin.HandlerFunc {
	return func(c *gin.Context) {
		owner := sessions.Default(c).Get("owner")
		if owner == nil {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		c.Set("owner", owner)
		c.Next()
	}
}

func StaffOnly() gin.HandlerFunc {
	return func(c *gin.Context) {
		role, _ := c.Cookie("role")
		if role != "staff" {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		c.Next()
	}
}
