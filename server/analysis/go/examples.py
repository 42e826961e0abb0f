"""What the rules' pages show of flows in Go, and the tests run: bad and good code."""

from server.analysis.flow.rules import ARCHIVE_EXTRACTION, LDAP_INJECTION
from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import (
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    URL_FROM_REQUEST,
)


def _handler(body: str, imports: str) -> Files:
    """A handler of net/http with these statements."""
    packages = "".join(f'\t"{name}"\n' for name in ("net/http", *imports.split()))
    indented = "".join(f"\t{line}\n" for line in body.splitlines())
    return {
        "main.go": f"package main\n\nimport (\n{packages})\n\nfunc handle(w http.ResponseWriter, r *http.Request) {{\n"
        f"{indented}}}\n"
    }


_STORE = """\
package store

import (
	"database/sql"
	"fmt"
)

type Store struct{ db *sql.DB }

func (s *Store) Find(name string) *sql.Row {
	return s.db.QueryRow(QUERY)
}
"""
_CALLER = _handler(
    'var items store.Store\nitems.Find(r.FormValue("name"))',
    "example.com/shop/internal/store",
)

_PACKAGES = (
    'package a\n\nimport (\n\t"database/sql"\n\t"fmt"\n\t"html"\n\t"html/template"\n\t"io"\n\t"os"\n\t"os/exec"\n'
    '\t"path/filepath"\n\t"strings"\n)\n\n'
)


def _function(text: str) -> Files:
    """A function of a library that nobody here calls: its parameters may be anything."""
    return {"a.go": _PACKAGES + text}


_ROW = (
    'var title string\ndb, _ := sql.Open("pgx", dsn)\n'
    'db.QueryRow("select title from t where id = $1", r.FormValue("id")).Scan(&title)\n'
)

BAD: tuple[tuple[Rule, Files], ...] = (
    (OPEN_REDIRECT, _handler('w.Header().Set("Location", r.FormValue("to"))\nw.WriteHeader(302)', "")),
    (
        LDAP_INJECTION,
        _handler(
            'l.Search(&ldap.SearchRequest{Filter: "(uid=" + r.FormValue("uid") + ")"})', "github.com/go-ldap/ldap/v3"
        ),
    ),
    (
        HTML_FROM_TEXT,
        _handler('t, _ := template.New("t").Parse("<p>{{.}}</p>")\nt.Execute(w, r.FormValue("a"))', "text/template"),
    ),
    (HTML_FROM_TEXT, _handler(_ROW + 'w.Write([]byte("<h1>" + title + "</h1>"))', "database/sql")),
    (SHELL_COMMAND, _function('func f(n string) { exec.Command("sh", "-c", "ls "+n).Run() }\n')),
    (
        SHELL_COMMAND,
        _function('func f(n string) { exec.CommandContext(ctx, "bash", "-c", fmt.Sprintf("ls %s", n)).Run() }\n'),
    ),
    (SQL_FROM_TEXT, _function('func f(n string) { db.Query("SELECT a FROM t WHERE n = \'" + n + "\'") }\n')),
    (
        SQL_FROM_TEXT,
        _function(
            "func f(n string) {\n\tq := fmt.Sprintf(\"SELECT a FROM t WHERE n = '%s'\", n)\n\tdb.QueryRow(q)\n}\n"
        ),
    ),
    (HTML_FROM_TEXT, _function('func f(n string) template.HTML { return template.HTML("<b>" + n + "</b>") }\n')),
    (
        SQL_FROM_TEXT,
        {
            **_CALLER,
            "internal/store/store.go": _STORE.replace(
                "QUERY", "fmt.Sprintf(\"SELECT id FROM items WHERE name = '%s'\", name)"
            ),
        },
    ),
    (SHELL_COMMAND, _handler('exec.Command("sh", "-c", "ping "+r.FormValue("host")).Run()', "os/exec")),
    (
        SQL_FROM_TEXT,
        _handler(
            "var wanted struct{ Name string }\njson.NewDecoder(r.Body).Decode(&wanted)\n"
            'var b strings.Builder\nb.WriteString("SELECT a FROM t WHERE n = \'")\nb.WriteString(wanted.Name)\n'
            'db, _ := sql.Open("postgres", dsn)\ndb.Query(b.String() + "\'")',
            "database/sql encoding/json strings",
        ),
    ),
    (PATH_FROM_REQUEST, _handler('data, err := os.ReadFile("/srv/" + r.URL.Query().Get("name"))\nw.Write(data)', "os")),
)

_EXTRACT = _PACKAGES.replace('"database/sql"', '"archive/zip"') + (
    "func write(path string, r io.Reader) error {\n\tout, err := os.Create(path)\n\t_ = out\n\treturn err\n}\n\n"
    "func extract(zr *zip.Reader, dest string) error {\n\tfor _, f := range zr.File {\n\t\tpath := JOINED\nCHECK"
    "\t\tif err := write(path, nil); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil\n}\n"
)


def _extract(joined: str, check: str = "") -> Files:
    """An archive whose files are written by a helper, where *check* does not refuse them."""
    refused = f"\t\tif {check} {{\n\t\t\treturn errOutside\n\t\t}}\n" if check else ""
    return {"a.go": _EXTRACT.replace("JOINED", joined).replace("CHECK", refused)}


_THROUGH_INTERFACE = {
    "main.go": 'package main\n\nimport "net/http"\n\n'
    "type Fetcher interface {\n\tFetch(from string) ([]byte, error)\n}\n\n"
    "type API struct{ fetcher Fetcher }\n\n"
    "func (a *API) handle(w http.ResponseWriter, r *http.Request) {\n"
    "\ta.fetcher.Fetch(GIVEN)\n}\n\ntype remote struct{ n int }\n\n"
    "func (r *remote) Fetch(from string) ([]byte, error) {\n"
    "\tresp, err := http.Get(from)\n\t_ = resp\n\treturn nil, err\n}\n"
}


def _fetched(given: str) -> Files:
    """What an interface hands on to the class that has its methods."""
    return {name: text.replace("GIVEN", given) for name, text in _THROUGH_INTERFACE.items()}


BAD += (
    (URL_FROM_REQUEST, _fetched('r.FormValue("from")')),
    (ARCHIVE_EXTRACTION, _extract("filepath.Join(dest, f.Name)")),
    (ARCHIVE_EXTRACTION, _extract('dest + "/" + f.Name', 'strings.HasPrefix(f.Name, "/")')),
    (
        SQL_FROM_TEXT,
        _handler(
            'db, _ := gorm.Open(dialector)\nvar item Item\ndb.First(&item, r.FormValue("id"))',
            "gorm.io/gorm",
        ),
    ),
    (
        SHELL_COMMAND,
        _handler('args := []string{"clone", r.FormValue("from")}\nexec.Command("git", args...).Run()', "os/exec"),
    ),
    (
        URL_FROM_REQUEST,
        _handler(
            'u, err := url.Parse(r.FormValue("to"))\nif err != nil || strings.HasPrefix(u.Hostname(), "127.") {\n'
            "\treturn\n}\nhttp.Get(u.String())",
            "net/url strings",
        ),
    ),
)

GOOD: tuple[Files, ...] = (
    _handler('w.Header().Set("X-Name", r.FormValue("name"))', ""),
    _handler('n, _ := strconv.Atoi(r.FormValue("n"))\nif n > 100 {\n\treturn\n}\nbuf := make([]byte, n)', "strconv"),
    _handler('t, _ := template.New("t").Parse("<p>{{.}}</p>")\nt.Execute(w, r.FormValue("a"))', "html/template"),
    _handler(_ROW + 'w.Write([]byte("<h1>" + html.EscapeString(title) + "</h1>"))', "database/sql html"),
    _fetched('"https://example.com/" + r.FormValue("from")'),
    _extract("filepath.Join(dest, f.Name)", "!strings.HasPrefix(path, filepath.Clean(dest)+string(os.PathSeparator))"),
    _extract("filepath.Join(dest, f.Name)", "!filepath.IsLocal(f.Name)"),
    {
        **_extract("filepath.Join(dest, f.Name)", "!isWithin(dest, path)"),
        "b.go": "package a\n\nfunc isWithin(root, path string) bool {\n\treturn compare(root, path) > 0\n}\n",
    },
    _handler('name := path.Clean("/" + r.URL.Path)\nhttp.ServeFile(w, r, filepath.Join(root, name))', "path"),
    _handler(
        'name := r.URL.Query().Get("name")\nif !filepath.IsLocal(name) {\n\treturn\n}\n'
        "os.ReadFile(filepath.Join(root, name))",
        "os path/filepath",
    ),
    _handler(
        'full := filepath.Join(root, r.FormValue("name"))\nrel, err := filepath.Rel(root, full)\n'
        'if err != nil || strings.HasPrefix(rel, "..") {\n\treturn\n}\nos.ReadFile(full)',
        "os path/filepath strings",
    ),
    _handler('exec.Command("git", "clone", "--", r.FormValue("from")).Run()', "os/exec"),
    _handler(
        'u, err := url.Parse(r.FormValue("to"))\nif err != nil || !allowed[u.Hostname()] {\n\treturn\n}\n'
        "http.Get(u.String())",
        "net/url",
    ),
    _handler(
        'if !slices.Contains(columns, r.FormValue("by")) {\n\treturn\n}\n'
        'db, _ := sql.Open("postgres", dsn)\ndb.Query("SELECT a FROM t ORDER BY " + r.FormValue("by"))',
        "slices database/sql",
    ),
    _handler(
        'by := r.FormValue("by")\nif _, ok := columns[by]; !ok {\n\treturn\n}\n'
        'db, _ := sql.Open("postgres", dsn)\ndb.Query("SELECT a FROM t ORDER BY " + by)',
        "database/sql",
    ),
    _function('func f(n string) { exec.Command("ls", n).Run() }\n'),
    _function('func f() { exec.Command("sh", "-c", "ls | wc -l").Run() }\n'),
    _function('func f(n string) { db.Query("SELECT a FROM t WHERE n = $1", n) }\n'),
    _function('const table = "t"\n\nfunc f() { db.Query("SELECT a FROM " + table) }\n'),
    _function('func f(n string) { cache.Get("key " + n) }\n'),
    _function('func f(n int) { db.Query(fmt.Sprintf("SELECT a FROM t LIMIT %d", n)) }\n'),
    _function('func f() template.HTML { return template.HTML("<b>x</b>") }\n'),
    _function('func f(n string) template.HTML { return template.HTML("<b>" + html.EscapeString(n) + "</b>") }\n'),
    {
        **_CALLER,
        "internal/store/store.go": _STORE.replace("QUERY", '"SELECT id FROM items WHERE name = $1", name'),
    },
    _handler('exec.Command("ping", "-c", "1", "example.com").Run()', "os/exec"),
    _handler(
        'id, err := strconv.Atoi(r.FormValue("id"))\nif err != nil {\n\treturn\n}\n'
        'var db *sql.DB\ndb.Query("SELECT a FROM t WHERE id = " + fmt.Sprint(id))',
        "strconv fmt database/sql",
    ),
    _handler(
        'data, err := os.ReadFile("/srv/" + filepath.Base(r.FormValue("name")))\nw.Write(data)', "os path/filepath"
    ),
)
