package export

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

type Exporter interface {
	PDF(ctx context.Context, number, template string) (string, error)
	Pull(ctx context.Context, source string) ([][]string, error)
}

type Local struct {
	Dir    string
	Client *http.Client
}

var plain = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func (l *Local) PDF(ctx context.Context, number, template string) (string, error) {
	out := filepath.Join(l.Dir, number+".pdf")
	script := "wkhtmltopdf --quiet templates/" + template + ".html " + out
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", script)
	cmd.Dir = l.Dir
	return out, cmd.Run()
}

func (l *Local) SafePDF(ctx context.Context, number, template string) (string, error) {
	if !plain.MatchString(template) {
		template = "default"
	}
	out := filepath.Join(l.Dir, number+".pdf")
	return out, exec.CommandContext(ctx, "wkhtmltopdf", "templates/"+template+".html", out).Run()
}

func (l *Local) Pull(ctx context.Context, source string) ([][]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, err
	}
	resp, err := l.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return csv.NewReader(resp.Body).ReadAll()
}

func (l *Local) Rates(ctx context.Context, currency string) (*http.Response, error) {
	u := url.URL{Scheme: "https", Host: "rates.example.com", Path: "/v1/" + url.PathEscape(currency)}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	return l.Client.Do(req)
}

func (l *Local) Scratch() (*os.File, error) {
	return os.CreateTemp(l.Dir, "export-*")
}

func (l *Local) Report() error {
	return os.WriteFile("/tmp/billing-report.txt", []byte("done"), 0o666)
}
