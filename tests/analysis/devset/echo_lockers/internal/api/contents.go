package api

import (
	"archive/zip"
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

const root = "/srv/lockers"

var client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

func (s *Server) Contents(c echo.Context) error {
	name := c.QueryParam("name")
	return c.File(filepath.Join(root, name))
}

func (s *Server) ContentsSafely(c echo.Context) error {
	name := filepath.Base(c.QueryParam("name"))
	return c.File(filepath.Join(root, name))
}

func (s *Server) Upload(c echo.Context) error {
	header, err := c.FormFile("file")
	if err != nil {
		return echo.ErrBadRequest
	}
	in, err := header.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(root, "public", header.Filename))
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = io.Copy(out, in)
	return err
}

func (s *Server) Unpack(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return err
	}
	for _, entry := range archive.File {
		if err := extract(entry); err != nil {
			return err
		}
	}
	return c.NoContent(http.StatusNoContent)
}

func extract(entry *zip.File) error {
	in, err := entry.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	target := filepath.Join(root, entry.Name)
	out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o777)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = io.Copy(out, in)
	return err
}

func extractSafely(entry *zip.File) error {
	target := filepath.Join(root, entry.Name)
	if !strings.HasPrefix(filepath.Clean(target), root+string(os.PathSeparator)) {
		return os.ErrPermission
	}
	return os.WriteFile(target, nil, 0o600)
}

func (s *Server) Probe(c echo.Context) error {
	resp, err := client.Get(c.QueryParam("url"))
	if err != nil {
		return echo.ErrBadGateway
	}
	defer resp.Body.Close()
	return c.Stream(resp.StatusCode, "text/plain", resp.Body)
}

func (s *Server) ProbeKnown(c echo.Context) error {
	hosts := map[string]string{"a": "https://a.example.org", "b": "https://b.example.org"}
	address, known := hosts[c.QueryParam("site")]
	if !known {
		return echo.ErrBadRequest
	}
	resp, err := http.Get(address)
	if err != nil {
		return echo.ErrBadGateway
	}
	return resp.Body.Close()
}

func (s *Server) Convert(c echo.Context) error {
	command := "convert " + c.QueryParam("from") + " png:-"
	out, err := exec.Command("sh", "-c", command).Output()
	if err != nil {
		return echo.ErrInternalServerError
	}
	return c.Blob(http.StatusOK, "image/png", out)
}

func (s *Server) ConvertSafely(c echo.Context) error {
	width, err := strconv.Atoi(c.QueryParam("width"))
	if err != nil || width > 4000 {
		return echo.ErrBadRequest
	}
	out, err := exec.Command("convert", "logo.svg", "-resize", strconv.Itoa(width), "png:-").Output()
	if err != nil {
		return echo.ErrInternalServerError
	}
	return c.Blob(http.StatusOK, "image/png", out)
}

func (s *Server) Quota(c echo.Context) error {
	n, err := strconv.Atoi(c.FormValue("slots"))
	if err != nil {
		return echo.ErrBadRequest
	}
	slots := make([]int64, n)
	c.Response().Header().Set("X-Slots", strconv.Itoa(len(slots)))
	return c.NoContent(http.StatusOK)
}
