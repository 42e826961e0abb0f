package middleware

import (
	"net/http"

	"example.com/projects/store"
	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
)

const userKey = "user"

// RequireUser puts the user of the session into the context.
func RequireUser(db *store.DB) gin.HandlerFunc {
	return func(c *gin.Context) {
		id, ok := sessions.Default(c).Get("user_id").(int64)
		if !ok {
			c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": "please log in"})
			return
		}
		user, err := db.UserByID(c, id)
		if err != nil {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		c.Set(userKey, user)
		c.Next()
	}
}

func RequireAdmin() gin.HandlerFunc {
	return func(c *gin.Context) {
		if !CurrentUser(c).Admin {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		c.Next()
	}
}

func CurrentUser(c *gin.Context) *store.User {
	return c.MustGet(userKey).(*store.User)
}
