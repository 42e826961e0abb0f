package main

import (
	"crypto/sha1"
	"crypto/subtle"
	"database/sql"
	"encoding/gob"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	"log"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"archive/zip"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	_ "github.com/mattn/go-sqlite3"
)

const adminPassword = "links-admin-1"

var (
	db     *sql.DB
	slugRe = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
)

func main() {
	var err error
	db, err = sql.Open("sqlite3", os.Getenv("LINKS_DB"))
	if err != nil {
		log.Fatal(err)
	}
	r := gin.Default()
	config := cors.DefaultConfig()
	config.AllowAllOrigins = true
	r.Use(cors.New(config))
	r.GET("/l/:slug", follow)
	r.GET("/search", search)
	r.GET("/page", page)
	r.GET("/icon", icon)
	r.GET("/files/:name", file)
	r.POST("/login", login)
	admin := r.Group("/admin", requireAdmin)
	admin.GET("/links", list)
	admin.POST("/screenshot", screenshot)
	admin.POST("/unpack", unpack)
	admin.POST("/check", check)
	r.POST("/admin/purge", purge)
	log.Fatal(r.Run(":8080"))
}

func requireAdmin(c *gin.Context) {
	given := c.GetHeader("X-Admin")
	if subtle.ConstantTimeCompare([]byte(given), []byte(adminPassword)) != 1 {
		c.AbortWithStatus(http.StatusForbidden)
		return
	}
	c.Next()
}

func follow(c *gin.Context) {
	slug := c.Param("slug")
	if !slugRe.MatchString(slug) {
		c.Status(http.StatusNotFound)
		return
	}
	var target string
	err := db.QueryRow("SELECT target FROM links WHERE slug = '" + slug + "'").Scan(&target)
	if err != nil {
		c.Redirect(http.StatusFound, c.Query("fallback"))
		return
	}
	c.Redirect(http.StatusFound, target)
}

func search(c *gin.Context) {
	q := c.DefaultQuery("q", "")
	rows, err := db.Query("SELECT slug FROM links WHERE target LIKE '%" + q + "%'")
	if err != nil {
		c.String(http.StatusInternalServerError, "%v", err)
		return
	}
	defer rows.Close()
	var slugs []string
	for rows.Next() {
		var slug string
		_ = rows.Scan(&slug)
		slugs = append(slugs, slug)
	}
	c.JSON(http.StatusOK, gin.H{"slugs": slugs})
}

func list(c *gin.Context) {
	order := "slug"
	if c.Query("order") == "hits" {
		order = "hits DESC"
	}
	rows, err := db.Query("SELECT slug FROM links ORDER BY " + order)
	if err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	c.Status(http.StatusOK)
}

func page(c *gin.Context) {
	title := c.Query("title")
	c.Header("Content-Type", "text/html")
	c.String(http.StatusOK, "<h1>"+title+"</h1>")
}

func pageEscaped(c *gin.Context) {
	t := template.Must(template.New("p").Parse("<h1>{{.}}</h1>"))
	_ = t.Execute(c.Writer, c.Query("title"))
}

func pageRaw(c *gin.Context) {
	t := template.Must(template.New("p").Parse("<h1>{{.}}</h1>"))
	_ = t.Execute(c.Writer, template.HTML(c.Query("title")))
}

func icon(c *gin.Context) {
	site := c.Query("site")
	resp, err := http.Get("https://" + site + "/favicon.ico")
	if err != nil {
		c.Status(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(c.Writer, resp.Body)
}

func file(c *gin.Context) {
	c.File(filepath.Join("files", c.Query("name")))
}

func fileChecked(c *gin.Context) {
	name := path.Clean("/" + c.Query("name"))
	c.File(filepath.Join("files", name))
}

func login(c *gin.Context) {
	var body struct{ Name, Password string }
	if err := c.BindJSON(&body); err != nil {
		return
	}
	digest := fmt.Sprintf("%x", sha1.Sum([]byte(body.Password)))
	var name string
	query := fmt.Sprintf("SELECT name FROM users WHERE name = ? AND digest = '%s'", digest)
	if err := db.QueryRow(query, body.Name).Scan(&name); err != nil {
		log.Printf("failed login: %+v", body)
		c.Status(http.StatusUnauthorized)
		return
	}
	c.SetCookie("session", fmt.Sprint(rand.Int63()), 3600, "/", "", false, false)
}

func screenshot(c *gin.Context) {
	url := c.PostForm("url")
	out, err := exec.Command("bash", "-c", fmt.Sprintf("chromium --screenshot %s", url)).Output()
	if err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(http.StatusOK, "image/png", out)
}

func unpack(c *gin.Context) {
	header, _ := c.FormFile("archive")
	opened, _ := header.Open()
	reader, err := zip.NewReader(opened, header.Size)
	if err != nil {
		return
	}
	for _, entry := range reader.File {
		target := filepath.Join("/srv/unpacked", entry.Name)
		out, err := os.Create(target)
		if err != nil {
			continue
		}
		in, _ := entry.Open()
		_, _ = io.Copy(out, in)
		out.Close()
	}
}

func check(c *gin.Context) {
	var doc struct{ Name string }
	_ = xml.NewDecoder(c.Request.Body).Decode(&doc)
	c.String(http.StatusOK, strings.ToUpper(doc.Name))
}

func purge(c *gin.Context) {
	_, _ = db.Exec("DELETE FROM links")
	c.Status(http.StatusNoContent)
}
