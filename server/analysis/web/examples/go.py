"""Small projects of Go for the rules of web applications: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_GIN = """\
package main
import "github.com/gin-gonic/gin"
func routes(r *gin.Engine, h *Handler) {
	api := r.Group("/api", RequireUser())
	api.GET("/notes", h.List)
	api.DELETE("/notes/:id", h.Remove)
}
func RequireUser() gin.HandlerFunc {
	return func(c *gin.Context) {
		if sessions.Default(c).Get("user_id") == nil { c.AbortWithStatus(401) }
	}
}
"""
_HANDLERS = """\
package main
import "github.com/gin-gonic/gin"
type Handler struct { db *sql.DB }
func (h *Handler) List(c *gin.Context) {
	rows, _ := h.db.Query("SELECT id FROM notes WHERE user_id = $1", c.GetInt64("user_id"))
	c.JSON(200, rows)
}
"""
_REMOVE = """\
func (h *Handler) Remove(c *gin.Context) {
	h.db.Exec("DELETE FROM notes WHERE id = $1", c.Param("id"))
}
"""
_LOGIN = """\
package main
import "net/http"
func main() { http.HandleFunc("POST /login", login) }
func login(w http.ResponseWriter, r *http.Request) {
	if bcrypt.CompareHashAndPassword(hash, []byte(r.FormValue("password"))) != nil { http.Error(w, "no", 401) }
}
"""

_PEOPLE = (
    'package main\nimport "github.com/gin-gonic/gin"\n'
    "type Person struct {\n\tID uint\n\tPasswordHash stringTAG\n}\n"
    'func routes(r *gin.Engine) { r.GET("/me", me) }\n'
    "func loadPerson(id uint) (*Person, error) { return nil, nil }\n"
    'func me(c *gin.Context) {\n\tperson, err := loadPerson(c.GetUint("user_id"))\n'
    "\tif err != nil {\n\t\treturn\n\t}\n\tc.JSON(200, person)\n}\n"
)

BAD: Mapping[str, tuple[Files, ...]] = {
    "foreign-object": ({"main.go": _GIN, "handlers.go": _HANDLERS + _REMOVE},),
    "unguarded-object": (
        {
            "main.go": _GIN.replace('\tapi.DELETE("/notes/:id", h.Remove)\n', '\tr.DELETE("/notes/:id", h.Remove)\n'),
            "handlers.go": _HANDLERS + _REMOVE,
        },
    ),
    "missing-authentication": (
        {
            "main.go": _GIN.replace('\tapi.DELETE("/notes/:id", h.Remove)\n', '\tr.POST("/admin/run", h.Run)\n'),
            "handlers.go": _HANDLERS + 'func (h *Handler) Run(c *gin.Context) {\n\texec.Command("reindex").Run()\n}\n',
        },
    ),
    "unlimited-attempts": ({"main.go": _LOGIN},),
    "error-details": (
        {
            "main.go": 'package main\nimport "net/http"\nfunc main() { http.HandleFunc("/", home) }\n'
            "func home(w http.ResponseWriter, r *http.Request) {\n"
            "\tif err := load(); err != nil { http.Error(w, err.Error(), http.StatusInternalServerError) }\n}\n"
        },
    ),
    "secret-field": (
        {"main.go": _PEOPLE.replace("TAG", "")},
        {"main.go": _PEOPLE.replace("TAG", ' `json:"password_hash"`')},
    ),
    "mass-assignment": (
        {
            "main.go": 'package main\nimport "github.com/gin-gonic/gin"\n'
            "type Account struct {\n\tID uint\n\tUserID uint\n\tBalance int64\n}\n"
            'func routes(r *gin.Engine) { r.PUT("/accounts/:id", change) }\n'
            "func loadAccount(id string) *Account { return nil }\n"
            'func change(c *gin.Context) {\n\taccount := loadAccount(c.Param("id"))\n\tc.ShouldBindJSON(account)\n'
            "\tdb.Save(account)\n}\n"
        },
        {
            "main.go": 'package main\nimport "github.com/gin-gonic/gin"\n'
            "type Account struct {\n\tID uint\n\tUserID uint\n\tBalance int64\n}\n"
            'func routes(r *gin.Engine) { r.POST("/accounts", add) }\n'
            "func add(c *gin.Context) {\n\tvar account Account\n\tc.ShouldBindJSON(&account)\n"
            "\tdb.Create(&account)\n}\n"
        },
    ),
}
GOOD: tuple[Files, ...] = (
    {"main.go": _PEOPLE.replace("TAG", ' `json:"-"`')},
    {
        "main.go": _GIN,
        "handlers.go": _HANDLERS
        + _REMOVE.replace(" = $1", " = $1 AND user_id = $2").replace('"id")', '"id"), c.GetInt64("user_id")'),
    },
    {
        "main.go": "package main\nfunc routes() http.Handler {\n\tr := chi.NewRouter()\n"
        '\tr.With(httprate.LimitByIP(10, 60)).Post("/login", login)\n\treturn r\n}\n' + _LOGIN.partition("\n")[2]
    },
    {
        "main.go": 'package main\nimport "net/http"\nfunc main() { http.HandleFunc("/", home) }\n'
        "func home(w http.ResponseWriter, r *http.Request) {\n"
        '\tif err := load(); err != nil { log.Print(err); http.Error(w, "failed", 500) }\n}\n'
    },
    {
        "main.go": 'package main\nimport "net/http"\n'
        'func main() {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc("DELETE /jobs/{id}", cancel)\n'
        '\thttp.ListenAndServe(":80", requireToken(mux))\n}\n'
        "func requireToken(next http.Handler) http.Handler {\n"
        "\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n"
        '\t\tif subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), token) != 1 {\n'
        '\t\t\thttp.Error(w, "no", 401)\n\t\t\treturn\n\t\t}\n\t\tnext.ServeHTTP(w, r)\n\t})\n}\n'
        "func cancel(w http.ResponseWriter, r *http.Request) {\n"
        '\tdb.Exec("DELETE FROM jobs WHERE id = $1", r.PathValue("id"))\n}\n'
    },
)
