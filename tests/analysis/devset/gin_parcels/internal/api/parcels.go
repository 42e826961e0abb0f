package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"example.com/parcels/internal/label"
	"example.com/parcels/internal/model"
	"example.com/parcels/internal/store"
)

type Handler struct {
	store   *store.Store
	printer *label.Printer
	log     *zap.SugaredLogger
	uploads string
}

func (h *Handler) Register(r *gin.Engine) {
	r.POST("/login", h.login)
	r.GET("/track/:tracking", h.track)

	own := r.Group("/parcels", h.requireAccount)
	own.GET("", h.list)
	own.GET("/:id", h.show)
	own.PUT("/:id", h.update)
	own.DELETE("/:id", h.remove)
	own.POST("/:id/photo", h.photo)
	own.GET("/:id/photo/:name", h.servePhoto)
	own.GET("/:id/label", h.label)
	own.POST("/:id/callback", h.callback)
	own.GET("/me", h.me)

	admin := r.Group("/admin", h.requireAccount, h.requireAdmin)
	admin.GET("/stats", h.stats)
	admin.GET("/couriers/:id", h.courier)
	r.POST("/admin/reindex", h.reindex)
}

func (h *Handler) list(c *gin.Context) {
	var filter model.ParcelFilter
	if err := c.ShouldBindQuery(&filter); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": "bad filter"})
		return
	}
	parcels, err := h.store.Parcels(c.Request.Context(), accountID(c), filter)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
		return
	}
	c.JSON(http.StatusOK, parcels)
}

func (h *Handler) show(c *gin.Context) {
	parcel, err := h.store.OwnParcel(c.Request.Context(), c.Param("id"), accountID(c))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, parcel)
}

func (h *Handler) update(c *gin.Context) {
	id, err := strconv.Atoi(c.Param("id"))
	if err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	parcel, err := h.store.Parcel(c.Request.Context(), uint(id))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	if err := c.ShouldBindJSON(parcel); err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	if err := h.store.Save(c.Request.Context(), parcel); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusOK, parcel)
}

func (h *Handler) remove(c *gin.Context) {
	if _, err := h.store.OwnParcel(c.Request.Context(), c.Param("id"), accountID(c)); err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	if err := h.store.Delete(c.Request.Context(), c.Param("id")); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}

func (h *Handler) photo(c *gin.Context) {
	file, err := c.FormFile("photo")
	if err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	dir := filepath.Join(h.uploads, c.Param("id"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	if err := c.SaveUploadedFile(file, filepath.Join(dir, filepath.Base(file.Filename))); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusCreated)
}

func (h *Handler) servePhoto(c *gin.Context) {
	parcel, err := h.store.OwnParcel(c.Request.Context(), c.Param("id"), accountID(c))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	name := strings.ReplaceAll(c.Param("name"), "../", "")
	c.File(filepath.Join(h.uploads, strconv.Itoa(int(parcel.ID)), name))
}

func (h *Handler) label(c *gin.Context) {
	parcel, err := h.store.OwnParcel(c.Request.Context(), c.Param("id"), accountID(c))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	pdf, err := h.printer.Render(c.Request.Context(), parcel.Tracking, c.DefaultQuery("size", "A6"))
	if err != nil {
		h.log.Errorw("label", "error", err)
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(http.StatusOK, "application/pdf", pdf)
}

func (h *Handler) callback(c *gin.Context) {
	var body struct {
		URL string `json:"url" binding:"required,url"`
	}
	if err := c.ShouldBindJSON(&body); err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	if _, err := h.store.OwnParcel(c.Request.Context(), c.Param("id"), accountID(c)); err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	answer, err := h.fetch(body.URL)
	if err != nil {
		c.Status(http.StatusBadGateway)
		return
	}
	c.String(http.StatusOK, "callback answered %d bytes", len(answer))
}

func (h *Handler) fetch(target string) ([]byte, error) {
	resp, err := http.Get(target)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return nil, errors.New("callback failed")
	}
	return io.ReadAll(io.LimitReader(resp.Body, 1<<20))
}

func (h *Handler) track(c *gin.Context) {
	parcel, err := h.store.ByTracking(c.Request.Context(), c.Param("tracking"))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.String(http.StatusOK, "<h1>Parcel "+c.Param("tracking")+"</h1><p>"+parcel.Status+"</p>")
}

func (h *Handler) stats(c *gin.Context) {
	rows, err := h.store.Statistics(c.Request.Context(), c.QueryArray("by"))
	if err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusOK, rows)
}

func (h *Handler) reindex(c *gin.Context) {
	go h.printer.Warm()
	c.Status(http.StatusAccepted)
}
