package main

import (
	"database/sql"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"
)

type api struct{ db *sql.DB }

func main() {
	e := echo.New()
	e.Use(middleware.Logger(), middleware.Recover())
	a := &api{db: open()}
	e.POST("/login", a.login, middleware.RateLimiter(middleware.NewRateLimiterMemoryStore(rate.Limit(5))))
	e.GET("/posts", a.posts)
	own := e.Group("/own", requireUser)
	own.GET("/posts/:id", a.ownPost)
	own.DELETE("/posts/:id", a.removePost)
	own.PUT("/posts/:id", a.editPost)
	e.Logger.Fatal(e.Start(":8080"))
}

func requireUser(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		user, err := userFromToken(c.Request().Header.Get("Authorization"))
		if err != nil {
			return echo.NewHTTPError(http.StatusUnauthorized, "please log in")
		}
		c.Set("user", user)
		return next(c)
	}
}

func (a *api) login(c echo.Context) error {
	user, err := a.check(c.FormValue("email"), c.FormValue("password"))
	if err != nil {
		return echo.NewHTTPError(http.StatusUnauthorized, "wrong email or password")
	}
	return c.JSON(http.StatusOK, echo.Map{"token": newToken(user)})
}

func (a *api) posts(c echo.Context) error {
	rows, err := a.db.Query("SELECT id, title FROM posts WHERE public")
	if err != nil {
		return err
	}
	defer rows.Close()
	return c.JSON(http.StatusOK, titles(rows))
}

func (a *api) ownPost(c echo.Context) error {
	user := c.Get("user").(*User)
	var title string
	if err := a.db.QueryRow("SELECT title FROM posts WHERE id = $1 AND user_id = $2", c.Param("id"), user.ID).Scan(&title); err != nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, title)
}

func (a *api) removePost(c echo.Context) error {
	if _, err := a.db.Exec("DELETE FROM posts WHERE id = $1", c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *api) editPost(c echo.Context) error {
	user := c.Get("user").(*User)
	if !a.isOwner(user, c.Param("id")) {
		return echo.ErrForbidden
	}
	if _, err := a.db.Exec("UPDATE posts SET title = $1 WHERE id = $2", c.FormValue("title"), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
