package main

import (
	"log"
	"os"

	"example.com/projects/handlers"
	"example.com/projects/middleware"
	"example.com/projects/store"
	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
)

func main() {
	db, err := store.Open(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	h := &handlers.Handler{DB: db}
	router := gin.New()
	router.Use(gin.Recovery())
	keep := cookie.NewStore([]byte(os.Getenv("SESSION_KEY")))
	keep.Options(sessions.Options{Path: "/", HttpOnly: true, Secure: true, MaxAge: 86400})
	router.Use(sessions.Sessions("projects", keep))

	router.GET("/healthz", h.Health)
	router.POST("/login", h.Login)
	router.POST("/register", h.Register)
	router.POST("/logout", h.Logout)

	api := router.Group("/api", middleware.RequireUser(db))
	{
		api.GET("/projects", h.ListProjects)
		api.POST("/projects", h.CreateProject)
		api.GET("/projects/:id", h.GetProject)
		api.PUT("/projects/:id", h.UpdateProject)
		api.DELETE("/projects/:id", h.DeleteProject)
		api.GET("/projects/:id/documents/:doc", h.GetDocument)
		api.POST("/projects/:id/documents", h.UploadDocument)
		api.PUT("/me", h.UpdateMe)
		api.GET("/invoices/:id", h.GetInvoice)
	}

	admin := router.Group("/admin")
	admin.Use(middleware.RequireUser(db), middleware.RequireAdmin())
	admin.GET("/users", h.ListUsers)
	admin.POST("/users/:id/disable", h.DisableUser)
	admin.DELETE("/users/:id", h.DeleteUser)

	router.POST("/admin/reindex", h.Reindex)
	router.DELETE("/api/comments/:id", h.DeleteComment)

	log.Fatal(router.Run(":8080"))
}
