package handlers

import (
	"encoding/csv"
	"fmt"
	"log"
	"net/http"
	"os/exec"
	"strings"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"example.com/vets/models"
	"example.com/vets/services"
)

type Handlers struct{ db *gorm.DB }

func New(db *gorm.DB) *Handlers { return &Handlers{db: db} }

func (h *Handlers) Home(c *gin.Context) {
	c.HTML(http.StatusOK, "home.html", gin.H{"message": c.Query("message")})
}

func (h *Handlers) Login(c *gin.Context) {
	email, password := c.PostForm("email"), c.PostForm("password")
	var owner models.Owner
	if err := h.db.Where("email = ?", email).First(&owner).Error; err != nil {
		c.HTML(http.StatusUnauthorized, "home.html", gin.H{"message": "This address is not registered"})
		return
	}
	if owner.Password != services.Digest(password) {
		log.Println("wrong password for " + email + ": " + password)
		c.HTML(http.StatusUnauthorized, "home.html", gin.H{"message": "The password is wrong"})
		return
	}
	session := sessions.Default(c)
	session.Set("owner", owner.ID)
	_ = session.Save()
	next := c.PostForm("next")
	if next == "" {
		next = "/"
	}
	c.Redirect(http.StatusFound, next)
}

func (h *Handlers) SignUp(c *gin.Context) {
	var owner models.Owner
	if err := c.ShouldBind(&owner); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": "check your input"})
		return
	}
	if len(owner.Password) < 4 {
		c.JSON(http.StatusBadRequest, gin.H{"error": "too short"})
		return
	}
	owner.Password = services.Digest(owner.Password)
	h.db.Create(&owner)
	c.JSON(http.StatusCreated, owner)
}

func (h *Handlers) SearchPets(c *gin.Context) {
	var pets []models.Pet
	name, order := c.Query("name"), c.DefaultQuery("order", "id")
	query := h.db.Where(fmt.Sprintf("name LIKE '%%%s%%'", name))
	if err := query.Order(order).Find(&pets).Error; err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
		return
	}
	c.HTML(http.StatusOK, "pets.html", gin.H{"pets": pets, "name": name})
}

func (h *Handlers) ExportPets(c *gin.Context) {
	var pets []models.Pet
	h.db.Find(&pets)
	c.Header("Content-Type", "text/csv")
	out := csv.NewWriter(c.Writer)
	for _, pet := range pets {
		_ = out.Write([]string{pet.Name, pet.Kind, pet.Notes})
	}
	out.Flush()
}

func (h *Handlers) Backup(c *gin.Context) {
	target := c.PostForm("target")
	out, err := exec.Command("bash", "-c", fmt.Sprintf("mysqldump vets > %s", target)).CombinedOutput()
	if err != nil {
		c.String(http.StatusInternalServerError, string(out))
		return
	}
	c.Status(http.StatusNoContent)
}

func (h *Handlers) Pet(c *gin.Context) {
	var pet models.Pet
	if err := h.db.First(&pet, c.Param("id")).Error; err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, pet)
}

func (h *Handlers) UpdatePet(c *gin.Context) {
	var change struct {
		Name  string `json:"name"`
		Notes string `json:"notes"`
	}
	if err := c.ShouldBindJSON(&change); err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	done := h.db.Model(&models.Pet{}).Where("id = ? AND owner_id = ?", c.Param("id"), c.MustGet("owner")).
		Updates(models.Pet{Name: change.Name, Notes: change.Notes})
	c.JSON(http.StatusOK, gin.H{"changed": done.RowsAffected})
}

func (h *Handlers) CancelVisit(c *gin.Context) {
	h.db.Where("id = ?", c.Param("id")).Delete(&models.Visit{})
	c.Status(http.StatusNoContent)
}

func (h *Handlers) OwnVisit(c *gin.Context) {
	var visit models.Visit
	if err := h.db.Where("id = ? AND owner_id = ?", c.Param("id"), c.MustGet("owner")).First(&visit).Error; err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, visit)
}

func (h *Handlers) Owners(c *gin.Context) {
	var owners []models.Owner
	h.db.Select("id", "name", "email").Find(&owners)
	names := make([]string, 0, len(owners))
	for _, owner := range owners {
		names = append(names, owner.Name)
	}
	c.JSON(http.StatusOK, names)
}

func (h *Handlers) Announce(c *gin.Context) {
	text := c.PostForm("text")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte("<h1>"+text+"</h1>"))
}

func (h *Handlers) Pay(c *gin.Context) {
	var wish struct {
		Visit  uint `json:"visit"`
		Amount int  `json:"amount"`
	}
	if c.BindJSON(&wish) != nil {
		return
	}
	var owner models.Owner
	h.db.First(&owner, c.MustGet("owner"))
	if owner.Balance < wish.Amount {
		c.AbortWithStatus(http.StatusPaymentRequired)
		return
	}
	owner.Balance -= wish.Amount
	h.db.Save(&owner)
	c.Status(http.StatusNoContent)
}

func safeName(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "/", ""), "..", "")
}
