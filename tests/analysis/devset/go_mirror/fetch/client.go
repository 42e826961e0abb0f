// Package fetch talks to upstream mirrors.
package fetch

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

type Client struct {
	http    *http.Client
	allowed map[string]bool
	cache   string
}

func New(cache string, insecure bool) *Client {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	return &Client{http: &http.Client{Transport: transport, Timeout: 30 * time.Second}, cache: cache}
}

func NewStrict(cache string) *Client {
	return &Client{
		http:  &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}},
		cache: cache,
	}
}

func (c *Client) do(ctx context.Context, method, target string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "mirror/2")
	return c.http.Do(req)
}

// Index fetches the package list of a mirror that the operator named.
func (c *Client) Index(ctx context.Context, mirror, pkg string) (map[string]string, error) {
	resp, err := c.do(ctx, http.MethodGet, mirror+"/index/"+pkg+".json")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var index map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&index); err != nil {
		return nil, err
	}
	return index, nil
}

// Allowed fetches only from hosts of the list.
func (c *Client) Allowed(ctx context.Context, raw string) ([]byte, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" || !c.allowed[u.Hostname()] {
		return nil, errors.New("host not allowed")
	}
	resp, err := c.http.Get(u.String())
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, 8<<20))
}

// Public checks the address before it connects.
func (c *Client) Public(ctx context.Context, raw string) (*http.Response, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(u.Hostname(), "127.") || u.Hostname() == "localhost" {
		return nil, errors.New("private address")
	}
	return c.http.Get(raw)
}

// Guarded dials only public addresses.
func Guarded() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
			if err != nil || len(ips) == 0 || ips[0].IP.IsPrivate() || ips[0].IP.IsLoopback() {
				return nil, errors.New("private address")
			}
			return dialer.DialContext(ctx, network, net.JoinHostPort(ips[0].IP.String(), port))
		},
	}}
}

// Clone mirrors a repository with git.
func (c *Client) Clone(ctx context.Context, remote, branch string) (string, error) {
	dir := filepath.Join(c.cache, filepath.Base(remote))
	args := []string{"clone", "--depth=1", "-b", branch, remote, dir}
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("clone: %s: %w", out, err)
	}
	return dir, nil
}

// CloneChecked does the same with arguments that can't be options.
func (c *Client) CloneChecked(ctx context.Context, remote string) error {
	if !strings.HasPrefix(remote, "https://") {
		return errors.New("only https")
	}
	return exec.CommandContext(ctx, "git", "clone", "--", remote, filepath.Join(c.cache, "checkout")).Run()
}
