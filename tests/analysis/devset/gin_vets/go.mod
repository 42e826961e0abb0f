module example.com/vets

go 1.22

require (
	github.com/gin-contrib/cors v1.7.2
	github.com/gin-contrib/sessions v1.0.1
	github.com/gin-gonic/gin v1.10.0
	gorm.io/driver/mysql v1.5.7
	gorm.io/gorm v1.25.11
)
