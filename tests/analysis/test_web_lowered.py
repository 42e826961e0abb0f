"""Routes and their guards in the languages that the flow engine lowers: what stands before each, from wherever."""

import pytest

from server.analysis.budget import Budget
from server.analysis.project import Files
from server.analysis.review import READERS
from server.analysis.source import Source
from server.analysis.web.check import extract
from server.analysis.web.facts import Sign
from server.analysis.web.lowered.application import LoweredApplication
from server.analysis.web.lowered.site import LoweredSite
from server.analysis.web.names import Names
from server.analysis.web.route import Route

WHO, ROLE = Sign.WHO, Sign.WHO | Sign.ROLE


def routes(files: Files) -> dict[str, Route]:
    """By method and path."""
    sources = [Source.of(path, text) for path, text in files.items()]
    facts = {s.path: extract(READERS[s.language].parser.parse(s)) for s in sources}
    files = {path: found for path, found in facts.items() if found is not None}
    site = LoweredSite(LoweredApplication(files, Names()), Budget(seconds=30))
    return {f"{'/'.join(sorted(route.methods)) or '*'} {route.path}": route for route in site.routes}


LOGIN_FILTER = """\
class LoginInterceptor implements HandlerInterceptor {
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getSession().getAttribute("user") == null) { response.sendError(401); return false; }
        return true;
    }
}
"""
NOTES = """\
import org.springframework.web.bind.annotation.*;
@RestController
class Notes {
    @GetMapping("/notes") List<Note> all() { return notes.findAll(); }
    @GetMapping("/open/notes") List<Note> open() { return notes.findAll(); }
    @PostMapping("/admin/notes") void add(@RequestBody Note note) { notes.save(note); }
}
"""


def test_the_first_matcher_of_spring_security_that_fits_decides() -> None:
    found = routes(
        {
            "Notes.java": NOTES,
            "Security.java": "class Security { void chain(HttpSecurity http) { http.authorizeHttpRequests(a -> a"
            '.requestMatchers("/open/**").permitAll().requestMatchers("/admin/**").hasRole("ADMIN")'
            ".anyRequest().authenticated()); } }\n",
        }
    )

    assert found["GET /notes"].guards == WHO
    assert found["POST /admin/notes"].guards == ROLE
    assert found["GET /open/notes"].guards == Sign.NONE
    assert found["GET /open/notes"].allows_any


def test_an_interceptor_stands_before_its_patterns_and_no_others() -> None:
    found = routes(
        {
            "Notes.java": NOTES,
            "LoginInterceptor.java": LOGIN_FILTER,
            "Web.java": "class Web { void addInterceptors(InterceptorRegistry registry) {"
            " registry.addInterceptor(new LoginInterceptor())"
            '.addPathPatterns("/**").excludePathPatterns("/open/**"); } }\n',
        }
    )

    assert found["GET /notes"].is_guarded
    assert not found["GET /open/notes"].is_guarded


def test_a_filter_that_nobody_wires_is_taken_for_one_before_everything() -> None:
    found = routes({"Notes.java": NOTES, "LoginInterceptor.java": LOGIN_FILTER})

    assert all(route.is_guarded for route in found.values())


def test_groups_of_laravel_lend_their_prefix_and_middlewares() -> None:
    controller = (
        "<?php\nclass PageController extends Controller {\n    public function index() { return Page::all(); }\n"
    )
    found = routes(
        {
            "routes/web.php": "<?php\nRoute::get('/pages', [PageController::class, 'index']);\n"
            "Route::prefix('admin')->middleware(['auth', 'can:edit'])->group(function () {\n"
            "    Route::post('/pages', [PageController::class, 'store'])->middleware('throttle:5,1');\n});\n",
            "app/PageController.php": controller + "    public function store(Request $request) { }\n}\n",
        }
    )

    assert found["GET /pages"].guards == Sign.NONE
    assert found["POST /admin/pages"].guards == ROLE | Sign.LIMITS


def test_a_script_of_php_is_guarded_by_what_it_includes() -> None:
    found = routes(
        {
            "inc/auth.php": "<?php\nif (!isset($_SESSION['user_id'])) { header('Location: /login.php'); exit; }\n",
            "inc/staff.php": "<?php\nrequire __DIR__ . '/auth.php';\n"
            "if ($_SESSION['role'] !== 'staff') { http_response_code(403); exit; }\n",
            "books.php": "<?php\nrequire __DIR__ . '/inc/staff.php';\n"
            "$pdo->exec('DELETE FROM books');\necho $_POST['x'];\n",
            "open.php": "<?php\necho strlen($_GET['q']);\n",
        }
    )

    assert found["POST /books.php"].asks_role
    assert not found["* /open.php"].is_guarded


ROUTER = """\
package main
func routes(r %s) {
	r.%s("/open", open)
	own := r.Group("/own")
	own.Use(RequireUser)
	own.%s("/notes", notes)
}
func RequireUser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if session(r).Get("user_id") == nil { w.WriteHeader(http.StatusUnauthorized); return }
		next.ServeHTTP(w, r)
	})
}
func open(w http.ResponseWriter, r *http.Request) { }
func notes(w http.ResponseWriter, r *http.Request) { }
"""


@pytest.mark.parametrize(
    ("library", "kind", "get"),
    [
        pytest.param("github.com/gin-gonic/gin", "*gin.Engine", "GET", id="gin"),
        pytest.param("github.com/labstack/echo/v4", "*echo.Echo", "GET", id="echo"),
        pytest.param("github.com/gofiber/fiber/v2", "*fiber.App", "Get", id="fiber"),
    ],
)
def test_a_group_of_go_asks_what_its_middlewares_ask(library: str, kind: str, get: str) -> None:
    text = ROUTER % (kind, get, get)
    found = routes({"main.go": text.replace("package main\n", f'package main\nimport "{library}"\n', 1)})

    assert not found["GET /open"].is_guarded
    assert found["GET /own/notes"].is_guarded


def test_a_handler_around_the_whole_router_of_go_guards_all() -> None:
    main = 'func main() {\n\tm := http.NewServeMux()\n\tm.HandleFunc("GET /notes", notes)\n'
    rest = ROUTER.partition("func RequireUser")[2]
    found = routes(
        {
            "main.go": f'package main\nimport "net/http"\n{main}\thttp.ListenAndServe(":80", RequireUser(m))\n}}\n'
            f"func RequireUser{rest}"
        }
    )

    assert found["GET /notes"].is_guarded


RAILS = {
    "app/controllers/application_controller.rb": "class ApplicationController < ActionController::Base\n"
    "  before_action :require_login\n\n  private\n\n  def require_login\n"
    "    redirect_to login_path unless current_user\n  end\nend\n",
}


def test_filters_of_rails_are_inherited_and_skipped() -> None:
    found = routes(
        {
            **RAILS,
            "app/controllers/notes_controller.rb": "class NotesController < ApplicationController\n"
            "  skip_before_action :require_login, only: :index\n\n  def index; end\n\n  def create\n"
            "    Note.create!(text: params[:text])\n  end\nend\n",
        }
    )

    assert not found["GET /notes"].is_guarded
    assert found["GET /notes"].allows_any
    assert found["POST /notes"].guards & WHO


def test_methods_that_take_parameters_or_are_private_are_no_actions() -> None:
    found = routes(
        {
            **RAILS,
            "app/controllers/notes_controller.rb": "class NotesController < ApplicationController\n  def index; end\n\n"
            "  def shown(note)\n  end\n\n  private\n\n  def set_note; end\nend\n",
        }
    )

    assert list(found) == ["GET /notes"]


def test_what_a_filter_takes_for_an_action_counts_as_taken_by_it() -> None:
    found = routes(
        {
            **RAILS,
            "app/controllers/notes_controller.rb": "class NotesController < ApplicationController\n"
            "  before_action :set_note\n\n  def destroy\n    @note.destroy\n  end\n\n  private\n\n"
            "  def set_note\n    @note = Note.find(params[:id])\n  end\nend\n",
        }
    )

    assert [fetch.what for fetch in found["DELETE /notes/destroy"].fetches] == ["note"]


def test_a_service_that_is_not_given_the_request_takes_nothing_by_its_key() -> None:
    head = (
        "import org.springframework.web.bind.annotation.*;\n@RestController\nclass Notes {\n    NoteService service;\n"
    )
    service = (
        "class NoteService {\n    NoteRepository notes;\n"
        "    Note load(Long id) { return notes.findById(id).get(); }\n}\n"
    )
    found = routes(
        {
            "NoteService.java": service,
            "Notes.java": head + '    @GetMapping("/mine") Note mine(Principal principal) '
            "{ return service.load(ids.of(principal)); }\n"
            '    @GetMapping("/{id}") Note one(@PathVariable Long id) { return service.load(id); }\n}\n',
        }
    )

    assert found["GET /mine"].fetches == ()
    assert [fetch.what for fetch in found["GET /{id}"].fetches] == ["note"]


def test_routes_of_another_function_get_the_guards_of_the_router_that_it_is_given() -> None:
    found = routes(
        {
            "main.go": 'package main\nimport "github.com/gin-gonic/gin"\nfunc main() {\n\tr := gin.New()\n'
            '\tnotes.Register(r.Group("/api", RequireUser))\n\tapi := r.Group("/own", RequireUser)\n'
            "\tnotes.RegisterOwn(api)\n}\nfunc RequireUser(c *gin.Context) {\n"
            '\tif sessions.Default(c).Get("user_id") == nil { c.AbortWithStatus(401) }\n}\n',
            "notes/notes.go": 'package notes\nimport "github.com/gin-gonic/gin"\n'
            'func RegisterOwn(r *gin.RouterGroup) { r.GET("/notes", list) }\nfunc list(c *gin.Context) { }\n',
        }
    )

    assert found["GET /own/notes"].is_guarded


def test_an_annotation_of_the_projects_own_says_by_its_name_who_may() -> None:
    found = routes({"Notes.java": NOTES.replace('@PostMapping("/admin', '@AdminOnly @PostMapping("/admin')})

    assert found["POST /admin/notes"].guards == ROLE
    assert found["GET /notes"].guards == Sign.NONE


def test_a_controller_of_rails_inherits_from_one_that_is_named_in_full() -> None:
    found = routes(
        {
            "config/routes.rb": "Rails.application.routes.draw do\n  namespace :admin do\n"
            "    resources :notes, only: :index\n  end\nend\n",
            "app/controllers/admin/base_controller.rb": "class Admin::BaseController < ApplicationController\n"
            "  before_action :require_admin\n\n  private\n\n  def require_admin\n"
            "    head :forbidden unless current_user.admin?\n  end\nend\n",
            "app/controllers/admin/notes_controller.rb": "class Admin::NotesController < Admin::BaseController\n"
            "  def index; end\nend\n",
        }
    )

    assert found["GET /admin/notes"].guards & Sign.ROLE


@pytest.mark.parametrize(
    ("path", "is_test"),
    [("src/main/java/com/test/shop/A.java", False), ("src/test/java/com/shop/A.java", True), ("test/a.py", True)],
)
def test_the_folders_of_a_package_say_nothing_of_what_lies_there(path: str, is_test: bool) -> None:
    assert Source.of(path, "").is_test == is_test
