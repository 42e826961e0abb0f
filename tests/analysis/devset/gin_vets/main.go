package main

import (
	"log"
	"os"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"example.com/vets/handlers"
	"example.com/vets/middleware"
	"example.com/vets/models"
)

const dsn = "vets:paws4ever@tcp(db:3306)/vets?parseTime=true"

func main() {
	address := os.Getenv("DSN")
	if address == "" {
		address = dsn
	}
	db, err := gorm.Open(mysql.Open(address), &gorm.Config{})
	if err != nil {
		log.Fatalf("database: %v", err)
	}
	if err := db.AutoMigrate(&models.Owner{}, &models.Pet{}, &models.Visit{}); err != nil {
		log.Fatal(err)
	}

	gin.SetMode(gin.DebugMode)
	r := gin.Default()
	r.LoadHTMLGlob("templates/*")
	r.MaxMultipartMemory = 8 << 20

	store := cookie.NewStore([]byte("vets-session-store"))
	store.Options(sessions.Options{Path: "/", MaxAge: 86400 * 365, HttpOnly: false})
	r.Use(sessions.Sessions("vets", store))
	r.Use(cors.New(cors.Config{
		AllowOriginFunc:  func(origin string) bool { return true },
		AllowCredentials: true,
		MaxAge:           12 * time.Hour,
	}))

	h := handlers.New(db)
	r.GET("/", h.Home)
	r.POST("/login", h.Login)
	r.POST("/owners", h.SignUp)
	r.GET("/pets/search", h.SearchPets)
	r.GET("/pets/export", h.ExportPets)
	r.POST("/backup", h.Backup)

	own := r.Group("/my", middleware.LoggedIn())
	{
		own.GET("/pets/:id", h.Pet)
		own.PUT("/pets/:id", h.UpdatePet)
		own.DELETE("/visits/:id", h.CancelVisit)
		own.GET("/visits/:id", h.OwnVisit)
		own.GET("/papers", h.Paper)
		own.POST("/papers", h.KeepPaper)
		own.GET("/report", h.Report)
		own.POST("/pay", h.Pay)
	}

	staff := r.Group("/staff", middleware.LoggedIn(), middleware.StaffOnly())
	staff.GET("/owners", h.Owners)
	staff.POST("/announce", h.Announce)

	log.Fatal(r.Run(":8080"))
}
