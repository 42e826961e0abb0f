package handlers

import (
	"encoding/gob"
	"encoding/xml"
	"html/template"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	texttemplate "text/template"

	"github.com/gin-gonic/gin"
)

const papers = "/var/lib/vets/papers"

func (h *Handlers) Paper(c *gin.Context) {
	file, err := os.Open(papers + "/" + c.Query("name"))
	if err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	defer file.Close()
	_, _ = io.Copy(c.Writer, file)
}

func (h *Handlers) PaperSafely(c *gin.Context) {
	wanted := filepath.Join(papers, filepath.Clean("/"+c.Query("name")))
	if !strings.HasPrefix(wanted, papers+"/") {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	c.File(wanted)
}

func (h *Handlers) KeepPaper(c *gin.Context) {
	file, err := c.FormFile("paper")
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	if err := c.SaveUploadedFile(file, filepath.Join("static", file.Filename)); err != nil {
		c.String(http.StatusInternalServerError, "upload failed: %v", err)
		return
	}
	c.Status(http.StatusCreated)
}

func (h *Handlers) KeepNamed(c *gin.Context) {
	file, err := c.FormFile("paper")
	if err != nil || file.Size > 1<<20 || filepath.Ext(file.Filename) != ".pdf" {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	_ = c.SaveUploadedFile(file, filepath.Join(papers, safeName(c.GetString("owner"))+".pdf"))
}

func (h *Handlers) Report(c *gin.Context) {
	source := c.Query("source")
	if source == "" {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	resp, err := http.Get("http://" + source + "/report.xml")
	if err != nil {
		c.AbortWithStatus(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	var report struct {
		Title string `xml:"title"`
	}
	_ = xml.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&report)
	page := texttemplate.Must(texttemplate.New("r").Parse("<h1>{{.}}</h1>"))
	c.Header("Content-Type", "text/html")
	_ = page.Execute(c.Writer, source)
}

func (h *Handlers) Greeting(c *gin.Context) {
	page, err := template.New("g").Parse("<p>Hello " + c.Query("name") + "</p>")
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	_ = page.Execute(c.Writer, nil)
}

func (h *Handlers) Restore(c *gin.Context) {
	var state map[string]string
	if err := gob.NewDecoder(io.LimitReader(c.Request.Body, 1<<20)).Decode(&state); err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	c.JSON(http.StatusOK, gin.H{"keys": len(state)})
}

func (h *Handlers) Permissions(c *gin.Context) {
	if err := os.Chmod(filepath.Join(papers, "index"), 0777); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
	}
}
