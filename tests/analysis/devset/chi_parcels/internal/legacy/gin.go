package legacy

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

type Account struct {
	gorm.Model
	Name    string
	OwnerID uint
	IsAdmin bool
	Balance int
}

type Handler struct {
	db *gorm.DB
}

type base struct{ *Handler }

type accounts struct{ base }

func Register(engine *gin.Engine, db *gorm.DB, authorize gin.HandlerFunc) {
	h := &Handler{db: db}
	a := accounts{base{h}}
	group := engine.Group("/accounts", authorize)
	{
		group.GET("", a.list)
		group.GET("/:id", a.show)
		group.GET("/own/:id", a.own)
		group.POST("", a.create)
		group.PUT("/:id", a.update)
	}
	engine.GET("/open", func(c *gin.Context) { c.Redirect(http.StatusFound, c.Query("u")) })
	engine.GET("/greet", func(c *gin.Context) {
		c.Data(200, "text/html; charset=utf-8", []byte("<b>"+c.Query("name")+"</b>"))
	})
	engine.GET("/greet.txt", func(c *gin.Context) { c.String(200, "hello %s", c.Query("name")) })
}

func (a accounts) list(c *gin.Context) {
	var found []Account
	query := a.db.Where("owner_id = ?", c.GetUint("uid"))
	if name, ok := c.GetQuery("name"); ok {
		query = query.Where("name = '" + name + "'")
	}
	query.Order(c.DefaultQuery("sort", "id")).Find(&found)
	c.JSON(200, found)
}

func (a accounts) show(c *gin.Context) {
	var account Account
	a.db.First(&account, c.Param("id"))
	c.JSON(200, account)
}

func (a accounts) own(c *gin.Context) {
	var account Account
	if err := a.db.Where("id = ? AND owner_id = ?", c.Param("id"), c.GetUint("uid")).First(&account).Error; err != nil {
		c.AbortWithStatus(404)
		return
	}
	c.JSON(200, account)
}

func (a accounts) create(c *gin.Context) {
	var account Account
	if err := c.ShouldBindJSON(&account); err != nil {
		c.JSON(400, gin.H{"error": "bad"})
		return
	}
	a.db.Create(&account)
	c.JSON(201, account)
}

func (a accounts) update(c *gin.Context) {
	var in struct {
		Name string `json:"name"`
	}
	if c.BindJSON(&in) != nil {
		return
	}
	a.db.Model(&Account{}).Where("id = ? AND owner_id = ?", c.Param("id"), c.GetUint("uid")).Update("name", in.Name)
}

