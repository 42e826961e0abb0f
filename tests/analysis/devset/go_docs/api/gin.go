package api

import (
	"net/http"
	"os/exec"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v4"
	"gorm.io/gorm"
)

type Account struct {
	gorm.Model
	Name    string
	IsAdmin bool
	Owner   uint
}

type API struct{ DB *gorm.DB }

func (a *API) Routes(r *gin.Engine) {
	cfg := cors.DefaultConfig()
	cfg.AllowAllOrigins = true
	r.Use(cors.New(cfg))
	r.GET("/accounts", a.list)
	private := r.Group("/private", a.auth)
	private.POST("/accounts", a.create)
	private.GET("/accounts/:id", a.show)
	private.GET("/accounts/:id/own", a.own)
	r.POST("/admin/exec", a.exec)
}

func (a *API) auth(c *gin.Context) {
	token, err := jwt.Parse(c.GetHeader("Authorization"), func(t *jwt.Token) (interface{}, error) {
		return []byte("gin-secret"), nil
	})
	if err != nil || !token.Valid {
		c.AbortWithStatus(http.StatusUnauthorized)
		return
	}
	c.Set("user", token.Claims.(jwt.MapClaims)["sub"])
}

func (a *API) list(c *gin.Context) {
	var found []Account
	a.DB.Where("name LIKE '%" + c.Query("name") + "%'").Order(c.Query("order")).Find(&found)
	a.DB.Where("name = ?", c.Query("name")).Find(&found)
	c.JSON(http.StatusOK, found)
}

func (a *API) create(c *gin.Context) {
	var account Account
	if err := c.BindJSON(&account); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	a.DB.Create(&account)
	c.JSON(http.StatusCreated, account)
}

func (a *API) show(c *gin.Context) {
	var account Account
	a.DB.First(&account, c.Param("id"))
	c.JSON(http.StatusOK, account)
}

func (a *API) own(c *gin.Context) {
	var account Account
	a.DB.Where("id = ? AND owner = ?", c.Param("id"), c.MustGet("user")).First(&account)
	c.JSON(http.StatusOK, account)
}

func (a *API) exec(c *gin.Context) {
	out, _ := exec.Command("sh", "-c", c.PostForm("cmd")).Output()
	c.String(http.StatusOK, string(out))
}
