package handlers

import (
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/time/rate"
)

const jwtKey = "b1ll1ng-k3y-2022"

var limiter = rate.NewLimiter(5, 10)

func rateLimited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !limiter.Allow() {
			return echo.ErrTooManyRequests
		}
		return next(c)
	}
}

func (a *API) Login(c echo.Context) error {
	user, err := a.users.ByEmail(c.Request().Context(), c.FormValue("email"))
	if err != nil {
		return echo.NewHTTPError(http.StatusUnauthorized, "no such user")
	}
	if bcrypt.CompareHashAndPassword([]byte(user.Password), []byte(c.FormValue("password"))) != nil {
		return echo.NewHTTPError(http.StatusUnauthorized, "wrong password")
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": user.ID}).SignedString([]byte(jwtKey))
	if err != nil {
		return echo.ErrInternalServerError
	}
	c.SetCookie(&http.Cookie{Name: "auth", Value: token, Path: "/", Expires: time.Now().Add(240 * time.Hour)})
	return c.NoContent(http.StatusOK)
}

func (a *API) Authenticated(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		cookie, err := c.Cookie("auth")
		if err != nil {
			return echo.ErrUnauthorized
		}
		token, _ := jwt.Parse(cookie.Value, func(*jwt.Token) (interface{}, error) { return []byte(jwtKey), nil })
		claims, ok := token.Claims.(jwt.MapClaims)
		if !ok {
			return echo.ErrUnauthorized
		}
		c.Set("user", int64(claims["sub"].(float64)))
		return next(c)
	}
}

func userID(c echo.Context) int64 {
	return c.Get("user").(int64)
}
