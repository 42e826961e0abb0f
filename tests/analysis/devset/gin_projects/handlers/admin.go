package handlers

import (
	"log"
	"net/http"
	"os/exec"

	"github.com/gin-gonic/gin"
)

func (h *Handler) ListUsers(c *gin.Context) {
	rows, err := h.DB.QueryContext(c, "SELECT id, email FROM users ORDER BY id")
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	users := []gin.H{}
	for rows.Next() {
		var id int64
		var email string
		if rows.Scan(&id, &email) == nil {
			users = append(users, gin.H{"id": id, "email": email})
		}
	}
	c.JSON(http.StatusOK, users)
}

func (h *Handler) DisableUser(c *gin.Context) {
	if _, err := h.DB.ExecContext(c, "UPDATE users SET disabled = true WHERE id = $1", c.Param("id")); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}

func (h *Handler) DeleteUser(c *gin.Context) {
	if _, err := h.DB.ExecContext(c, "DELETE FROM users WHERE id = $1", c.Param("id")); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}

func (h *Handler) Reindex(c *gin.Context) {
	out, err := exec.Command("/usr/local/bin/reindex", "--all").CombinedOutput()
	if err != nil {
		log.Printf("reindex: %v: %s", err, out)
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusAccepted)
}
