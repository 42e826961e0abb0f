package main

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"log"
	mrand "math/rand"
	"net/http"
	"os/exec"
	"path/filepath"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

const apiSecret = "go-api-secret-55"

type api struct{ db *sql.DB }

func routes(e *echo.Echo, a *api, auth echo.MiddlewareFunc) {
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{AllowOrigins: []string{"*"}, AllowCredentials: true}))
	e.GET("/items", a.items)
	e.POST("/login", a.login)
	e.GET("/orders/:id", a.order, auth)
	e.DELETE("/orders/:id", a.remove)
	e.GET("/file", a.file)
	e.GET("/ping", a.ping)
	e.GET("/out", a.out)
}

func (a *api) items(c echo.Context) error {
	rows, err := a.db.Query("SELECT name FROM items WHERE kind = '" + c.QueryParam("kind") + "'")
	if err != nil {
		return c.String(http.StatusInternalServerError, err.Error())
	}
	defer rows.Close()
	return c.JSON(http.StatusOK, "ok")
}

func (a *api) login(c echo.Context) error {
	log.Printf("login %s %s", c.FormValue("user"), c.FormValue("password"))
	pin := fmt.Sprint(mrand.Intn(9000) + 1000)
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	c.SetCookie(&http.Cookie{Name: "session", Value: hex.EncodeToString(raw), HttpOnly: false, Secure: false})
	return c.String(http.StatusOK, pin)
}

func (a *api) order(c echo.Context) error {
	var total int
	err := a.db.QueryRow("SELECT total FROM orders WHERE id = $1", c.Param("id")).Scan(&total)
	if err != nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, total)
}

func (a *api) remove(c echo.Context) error {
	_, err := a.db.Exec("DELETE FROM orders WHERE id = $1", c.Param("id"))
	return err
}

func (a *api) file(c echo.Context) error {
	return c.File(filepath.Join("files", c.QueryParam("name")))
}

func (a *api) ping(c echo.Context) error {
	out, err := exec.Command("sh", "-c", "ping -c1 "+c.QueryParam("host")).Output()
	if err != nil {
		return err
	}
	return c.HTML(http.StatusOK, "<pre>"+c.QueryParam("host")+string(out)+"</pre>")
}

func (a *api) out(c echo.Context) error {
	return c.Redirect(http.StatusFound, c.QueryParam("to"))
}
