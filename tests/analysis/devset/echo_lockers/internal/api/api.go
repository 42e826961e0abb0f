package api

import (
	"html/template"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/lockers/internal/session"
	"example.org/lockers/internal/store"
)

type Pages struct{ Templates *template.Template }

func (p *Pages) Render(w io.Writer, name string, data any, _ echo.Context) error {
	return p.Templates.ExecuteTemplate(w, name, data)
}

type Server struct{ store *store.Store }

func New(s *store.Store) *Server { return &Server{store: s} }

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (s *Server) Login(c echo.Context) error {
	var given credentials
	if err := c.Bind(&given); err != nil {
		return c.JSON(http.StatusBadRequest, echo.Map{"error": err.Error()})
	}
	user, err := s.store.UserByEmail(c.Request().Context(), given.Email)
	if err != nil {
		return c.JSON(http.StatusNotFound, echo.Map{"error": "no account for " + given.Email})
	}
	if user.Password != store.HashOld(given.Password) {
		log.Printf("login failed for %s (%s)", given.Email, given.Password)
		return c.JSON(http.StatusUnauthorized, echo.Map{"error": "wrong password"})
	}
	if err := session.Start(c, user.ID, user.Admin); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, user)
}

func (s *Server) Register(c echo.Context) error {
	user := new(store.User)
	if err := c.Bind(user); err != nil {
		return echo.ErrBadRequest
	}
	return s.store.Save(c.Request().Context(), user)
}

func (s *Server) UpdateProfile(c echo.Context) error {
	var wish struct {
		Email string `json:"email"`
	}
	if err := c.Bind(&wish); err != nil {
		return echo.ErrBadRequest
	}
	return s.store.Save(c.Request().Context(), &store.User{ID: c.Get("user").(int64), Email: wish.Email})
}

func (s *Server) Continue(c echo.Context) error {
	return c.Redirect(http.StatusFound, c.QueryParam("to"))
}

func (s *Server) Leave(c echo.Context) error {
	to := c.QueryParam("to")
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\") {
		to = "/"
	}
	return c.Redirect(http.StatusFound, to)
}

func (s *Server) Search(c echo.Context) error {
	filter := store.Filter{Label: c.QueryParam("label"), Sort: c.QueryParam("sort")}
	lockers, err := s.store.Find(c.Request().Context(), filter)
	if err != nil {
		return c.String(http.StatusInternalServerError, err.Error())
	}
	if len(lockers) == 0 {
		return c.HTML(http.StatusOK, "<p>Nothing found for "+filter.Label+"</p>")
	}
	return c.Render(http.StatusOK, "lockers.html", lockers)
}

func (s *Server) Locker(c echo.Context) error {
	locker, err := s.store.ByID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, locker)
}

func (s *Server) OwnLocker(c echo.Context) error {
	locker, err := s.store.Owned(c.Request().Context(), c.Param("id"), c.Get("user").(int64))
	if err != nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, locker)
}

func (s *Server) RemoveLocker(c echo.Context) error {
	return s.store.Delete(c.Request().Context(), c.Param("id"))
}
