module example.org/lockers

go 1.22

require (
	github.com/golang-jwt/jwt/v5 v5.2.1
	github.com/jmoiron/sqlx v1.4.0
	github.com/labstack/echo/v4 v4.12.0
	golang.org/x/crypto v0.26.0
)
