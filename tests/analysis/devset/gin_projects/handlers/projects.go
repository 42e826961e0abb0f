package handlers

import (
	"log"
	"net/http"
	"path/filepath"

	"example.com/projects/middleware"
	"example.com/projects/store"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

type projectInput struct {
	Title string `json:"title" binding:"required,max=200"`
	Notes string `json:"notes"`
}

func (h *Handler) ListProjects(c *gin.Context) {
	user := middleware.CurrentUser(c)
	rows, err := h.DB.QueryContext(c, "SELECT id, title FROM projects WHERE owner_id = $1", user.ID)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
		return
	}
	defer rows.Close()
	projects := []store.Project{}
	for rows.Next() {
		var p store.Project
		if err := rows.Scan(&p.ID, &p.Title); err != nil {
			log.Print(err)
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		projects = append(projects, p)
	}
	c.JSON(http.StatusOK, projects)
}

func (h *Handler) CreateProject(c *gin.Context) {
	var in projectInput
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	user := middleware.CurrentUser(c)
	if _, err := h.DB.ExecContext(c, "INSERT INTO projects (owner_id, title, notes) VALUES ($1, $2, $3)", user.ID, in.Title, in.Notes); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusCreated)
}

func (h *Handler) GetProject(c *gin.Context) {
	project, err := h.DB.ProjectOf(c, c.Param("id"), middleware.CurrentUser(c).ID)
	if err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, project)
}

func (h *Handler) UpdateProject(c *gin.Context) {
	project, err := h.DB.Project(c, c.Param("id"))
	if err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	if project.OwnerID != middleware.CurrentUser(c).ID {
		c.AbortWithStatus(http.StatusForbidden)
		return
	}
	var in projectInput
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	if _, err := h.DB.ExecContext(c, "UPDATE projects SET title = $1, notes = $2 WHERE id = $3", in.Title, in.Notes, project.ID); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}

func (h *Handler) DeleteProject(c *gin.Context) {
	if err := h.DB.DeleteProject(c, c.Param("id")); err != nil {
		log.Printf("delete: %v", err)
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}

func (h *Handler) GetDocument(c *gin.Context) {
	if _, err := h.DB.ProjectOf(c, c.Param("id"), middleware.CurrentUser(c).ID); err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.File(filepath.Join("/srv/documents", filepath.Base(c.Param("doc"))))
}

func (h *Handler) UploadDocument(c *gin.Context) {
	if _, err := h.DB.ProjectOf(c, c.Param("id"), middleware.CurrentUser(c).ID); err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	file, err := c.FormFile("file")
	if err != nil || file.Size > 10<<20 {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	switch filepath.Ext(file.Filename) {
	case ".pdf", ".png", ".txt":
	default:
		c.AbortWithStatus(http.StatusUnsupportedMediaType)
		return
	}
	name := uuid.NewString() + filepath.Ext(file.Filename)
	if err := c.SaveUploadedFile(file, filepath.Join("/srv/documents", name)); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusCreated, gin.H{"name": name})
}

func (h *Handler) GetInvoice(c *gin.Context) {
	var number, total string
	err := h.DB.QueryRowContext(c, "SELECT number, total FROM invoices WHERE id = $1", c.Param("id")).Scan(&number, &total)
	if err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, gin.H{"number": number, "total": total})
}

func (h *Handler) DeleteComment(c *gin.Context) {
	if _, err := h.DB.ExecContext(c, "DELETE FROM comments WHERE id = $1", c.Param("id")); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}
