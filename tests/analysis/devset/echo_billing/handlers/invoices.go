package handlers

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/rs/zerolog/log"

	"example.com/billing/export"
	"example.com/billing/mail"
	"example.com/billing/repo"
)

type API struct {
	invoices *repo.Invoices
	users    *repo.Users
	mailer   *mail.Mailer
	exporter export.Exporter
	files    string
}

func (a *API) Routes(e *echo.Echo) {
	e.POST("/login", a.Login, rateLimited)
	g := e.Group("/api", a.Authenticated)
	g.GET("/invoices", a.List)
	g.GET("/invoices/:id", a.Show)
	g.DELETE("/invoices/:id", a.Delete)
	g.GET("/invoices/:id/pdf", a.PDF)
	g.POST("/invoices/import", a.Import)
	g.POST("/invoices/remote", a.Remote)
	g.GET("/invoices/export", a.Export)
	g.GET("/attachments/*", a.Attachment)
	g.GET("/statement", a.Statement)
	g.POST("/notify", a.Notify)
	g.GET("/whoami", a.WhoAmI)
	e.GET("/r", a.Redirect)
	e.GET("/status/:name", a.Status)
}

func (a *API) List(c echo.Context) error {
	f := repo.Filter{
		UserID: userID(c),
		Status: c.QueryParam("status"),
		Search: c.QueryParam("q"),
		Sort:   c.QueryParam("sort"),
	}
	found, err := a.invoices.Search(c.Request().Context(), f)
	if err != nil {
		log.Error().Err(err).Msg("search")
		return echo.NewHTTPError(http.StatusInternalServerError, err.Error())
	}
	return c.JSON(http.StatusOK, found)
}

func (a *API) Show(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrBadRequest
	}
	invoice, err := a.invoices.ForUser(c.Request().Context(), id, userID(c))
	if errors.Is(err, repo.ErrNotFound) {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, invoice)
}

func (a *API) Delete(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrBadRequest
	}
	if err := a.invoices.Delete(c.Request().Context(), id); err != nil {
		return echo.ErrInternalServerError
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *API) PDF(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrBadRequest
	}
	invoice, err := a.invoices.ForUser(c.Request().Context(), id, userID(c))
	if err != nil {
		return echo.ErrNotFound
	}
	template := c.QueryParam("template")
	path, err := a.exporter.PDF(c.Request().Context(), invoice.Number, template)
	if err != nil {
		return echo.ErrInternalServerError
	}
	return c.File(path)
}

type importRequest struct {
	XMLName xml.Name `xml:"import"`
	Source  string   `xml:"source"`
	Name    string   `xml:"name"`
}

func (a *API) Import(c echo.Context) error {
	var req importRequest
	if err := xml.NewDecoder(io.LimitReader(c.Request().Body, 1<<20)).Decode(&req); err != nil {
		return echo.ErrBadRequest
	}
	target := filepath.Join(a.files, req.Name)
	out, err := os.Create(target)
	if err != nil {
		return echo.ErrInternalServerError
	}
	defer out.Close()
	fmt.Fprintln(out, req.Source)
	return c.NoContent(http.StatusCreated)
}

func (a *API) Remote(c echo.Context) error {
	body := new(struct {
		URL string `json:"url"`
	})
	if err := c.Bind(body); err != nil {
		return err
	}
	rows, err := a.exporter.Pull(c.Request().Context(), body.URL)
	if err != nil {
		return echo.ErrBadGateway
	}
	return c.JSON(http.StatusOK, len(rows))
}

func (a *API) Export(c echo.Context) error {
	res := c.Response()
	res.Header().Set(echo.HeaderContentType, "text/csv")
	res.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "invoices.csv"}))
	w := csv.NewWriter(res)
	rows, err := a.invoices.Columns(c.Request().Context(), userID(c), strings.Split(c.QueryParam("columns"), ","))
	if err != nil {
		return echo.ErrInternalServerError
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func (a *API) Attachment(c echo.Context) error {
	name := c.Param("*")
	path := filepath.Join(a.files, name)
	rel, err := filepath.Rel(a.files, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return echo.ErrForbidden
	}
	return c.Attachment(path, filepath.Base(path))
}

func (a *API) Statement(c echo.Context) error {
	year := c.QueryParam("year")
	data, err := os.ReadFile(a.files + "/statements/" + year + ".pdf")
	if err != nil {
		return echo.ErrNotFound
	}
	return c.Blob(http.StatusOK, "application/pdf", data)
}

func (a *API) Notify(c echo.Context) error {
	to, subject := c.FormValue("to"), c.FormValue("subject")
	if err := a.mailer.Send(to, subject, c.FormValue("text")); err != nil {
		return echo.ErrBadGateway
	}
	return c.NoContent(http.StatusAccepted)
}

func (a *API) WhoAmI(c echo.Context) error {
	user, err := a.users.ByID(c.Request().Context(), userID(c))
	if err != nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, user)
}

func (a *API) Redirect(c echo.Context) error {
	return c.Redirect(http.StatusFound, c.QueryParam("to"))
}

func (a *API) Status(c echo.Context) error {
	return c.HTML(http.StatusOK, fmt.Sprintf("<h2>Status of %s</h2>", c.Param("name")))
}
