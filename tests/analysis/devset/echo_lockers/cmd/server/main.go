package main

import (
	"html/template"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"

	"github.com/jmoiron/sqlx"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	_ "github.com/lib/pq"

	"example.org/lockers/internal/api"
	"example.org/lockers/internal/session"
	"example.org/lockers/internal/store"
)

func main() {
	db, err := sqlx.Connect("postgres", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	funcs := template.FuncMap{
		"markup": func(text string) template.HTML { return template.HTML(text) },
	}
	pages := template.Must(template.New("").Funcs(funcs).ParseGlob("templates/*.html"))

	e := echo.New()
	e.Debug = true
	e.Renderer = &api.Pages{Templates: pages}
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:     []string{"*"},
		AllowCredentials: true,
	}))

	server := api.New(store.New(db))
	e.POST("/login", server.Login)
	e.POST("/register", server.Register)
	e.GET("/continue", server.Continue)
	e.GET("/search", server.Search)
	e.DELETE("/lockers/:id", server.RemoveLocker)

	private := e.Group("/my", session.Required)
	private.GET("/lockers/:id", server.Locker)
	private.GET("/lockers/:id/own", server.OwnLocker)
	private.PUT("/profile", server.UpdateProfile)
	private.GET("/contents", server.Contents)
	private.POST("/contents", server.Upload)
	private.POST("/archive", server.Unpack)
	private.GET("/probe", server.Probe)
	private.GET("/convert", server.Convert)
	private.POST("/quota", server.Quota)

	go func() { log.Println(http.ListenAndServe(":6060", nil)) }()
	e.Logger.Fatal(e.Start(":8080"))
}
