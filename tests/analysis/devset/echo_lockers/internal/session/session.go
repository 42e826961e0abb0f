package session

import (
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"
)

var signingKey = []byte("lockers-signing-key")

type Claims struct {
	UserID int64 `json:"uid"`
	Admin  bool  `json:"adm"`
	jwt.RegisteredClaims
}

func Issue(userID int64, admin bool) (string, error) {
	claims := Claims{UserID: userID, Admin: admin}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(signingKey)
}

func IssueShort(userID int64, key []byte) (string, error) {
	claims := Claims{UserID: userID}
	claims.ExpiresAt = jwt.NewNumericDate(time.Now().Add(15 * time.Minute))
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
}

func parse(raw string) (*Claims, error) {
	claims := &Claims{}
	_, err := jwt.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return signingKey, nil },
		jwt.WithValidMethods([]string{"HS256"}))
	return claims, err
}

func Peek(raw string) (*Claims, error) {
	claims := &Claims{}
	_, _, err := jwt.NewParser().ParseUnverified(raw, claims)
	return claims, err
}

func Required(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		cookie, err := c.Cookie("session")
		if err != nil {
			return echo.NewHTTPError(http.StatusUnauthorized)
		}
		claims, err := parse(cookie.Value)
		if err != nil {
			return echo.NewHTTPError(http.StatusUnauthorized)
		}
		c.Set("user", claims.UserID)
		return next(c)
	}
}

func Start(c echo.Context, userID int64, admin bool) error {
	token, err := Issue(userID, admin)
	if err != nil {
		return errors.New("session")
	}
	c.SetCookie(&http.Cookie{Name: "session", Value: token, Path: "/"})
	c.SetCookie(&http.Cookie{Name: "seen", Value: "1", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
	return nil
}
