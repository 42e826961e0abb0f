"""What several rules ask of a site: who its users are, which routes are public, whose a model is."""

import re
from collections import Counter
from functools import cached_property

from server.analysis.project import Found
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Span
from server.analysis.web.facts import Act, Sign
from server.analysis.web.route import UNSAFE, Route, Site
from server.analysis.web.words import OWNER_FIELD, PERSONAL, PUBLIC, SHARED
from server.reviews.finding import Confidence, Location, Severity

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
LIKELY, POSSIBLE = Confidence.MEDIUM, Confidence.LOW

_USER_LIBRARIES = frozenset(
    {
        "flask_login",
        "flask_jwt_extended",
        "flask_security",
        "flask_httpauth",
        "fastapi_users",
        "flask_user",
        "allauth",
        "rest_framework_simplejwt",
        "flask_praetorian",
        "authlib",
    }
)
_APPLICATIONS = frozenset(
    {"Flask", "FastAPI", "Sanic", "Starlette", "Bottle", "Quart", "APIFlask", "Falcon", "Application", "App"}
)
_PASSWORD_COLUMN = re.compile(r"^(?:hashed_?)?(?:password|passwd|pwd)(?:_?hash|_?digest)?$", re.IGNORECASE)
_USER_TABLE = re.compile(
    r"^(?:auth_)?(?:app_?|custom_?|my_?)?(?:users?|accounts?|customers?|members?|userprofiles?|employees?|people|persons?"
    r"|customusers?)(?:db|_db|model|table)?$"
)


def security(
    name: str,
    severity: Severity,
    why: str,
    *,
    cwe: int,
    also: tuple[int, ...] = (),
    confidence: Confidence = LIKELY,
    remedy: str,
) -> Rule:
    return Rule(f"hive.{name}", Kind.SECURITY, severity, confidence, why, cwe, (), False, also, remedy)


def found(rule: Rule, path: str, span: Span, message: str, **given: object) -> Found:
    return Found(path, Problem(rule, Hit(span, message, **given)))  # type: ignore[arg-type]


def at(route: Route, rule: Rule, message: str, **given: object) -> Found:
    """A finding at the handler's `def` (or its class's line)."""
    return found(rule, route.file, route.head, message, **given)


def at_registration(route: Route, rule: Rule, message: str, **given: object) -> Found:
    """A finding of what does not stand before the route: where its path is given to it."""
    if route.registered is None:
        return at(route, rule, message, **given)
    path, span = route.registered
    return found(rule, path, span, message, **given)


def place(route: Route, message: str) -> Location:
    return Location(route.file, route.head.start_line, route.head.end_line, message)


class Scene:
    """A site with what the rules ask of it more than once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.app = site.app
        self.routes = site.routes
        self._neighbours: dict[str, Neighbours] = {}

    def scope(self, path: str) -> str:
        """What is judged together: a project may hold several programs."""
        if program := self.site.program(path):
            return program
        if path in self._own_apps:
            return path
        return path.partition("/")[0] if self._top_levels > 1 else ""

    @cached_property
    def _app_files(self) -> set[str]:
        return {path for path, router in self.app.routers() if router.kind in _APPLICATIONS}

    @cached_property
    def _top_levels(self) -> int:
        return len({path.partition("/")[0] if "/" in path else "" for path in self._app_files})

    @cached_property
    def _own_apps(self) -> set[str]:
        """Files that are programs of their own, with an application and its routes, where there are several."""
        programs = {path for path in self._app_files if self.app.files[path].registrations}
        return programs if len(programs) > 1 else set()

    @cached_property
    def _users(self) -> dict[str, bool]:
        known: Counter[str] = Counter()
        for route in self.routes:
            if route.is_guarded or self.is_login(route):
                known[self.scope(route.file)] += 1
        for path, facts in self.app.files.items():
            if any(name.partition(".")[0] in _USER_LIBRARIES for name in facts.imports):
                known[self.scope(path)] += 1
        for path, cls in self.app.classes():
            if _USER_TABLE.match(cls.name.lower()) and any("passw" in a.lower() for a in cls.attributes):
                known[self.scope(path)] += 1
        return {scope: count > 0 for scope, count in known.items()}

    def has_users(self, route: Route) -> bool:
        return self._users.get(self.scope(route.file), False)

    def has_accounts(self, route: Route) -> bool:
        """Whether several people use the program, each with things of their own: not just whoever knows one token."""
        return self.scope(route.file) in self._with_accounts

    @cached_property
    def _with_accounts(self) -> set[str]:
        found = set()
        for route in self.routes:
            shows = route.signs & (Sign.OWNER | Sign.ENTERS) or any(map(self.is_user_table, route.touches))
            if shows or self.is_login(route):
                found.add(self.scope(route.file))
        return found | {self.scope(path) for path, facts in self.app.files.items() if facts.owned}

    def neighbours(self, route: Route) -> "Neighbours":
        """The routes of the same file, counted."""
        if route.file not in self._neighbours:
            self._neighbours[route.file] = Neighbours(self._by_file[route.file], self)
        return self._neighbours[route.file]

    @cached_property
    def _by_file(self) -> dict[str, list[Route]]:
        found: dict[str, list[Route]] = {}
        for route in self.routes:
            found.setdefault(route.file, []).append(route)
        return found

    def has_session_login(self, route: Route) -> bool:
        return self.scope(route.file) in self._session_logins

    @cached_property
    def _session_logins(self) -> set[str]:
        return {self.scope(r.file) for r in self.routes if r.signs & Sign.ENTERS and r.signs & Sign.COOKIE}

    def guarded_nearby(self, route: Route) -> int:
        return len(self.neighbours(route).guarded)

    @staticmethod
    def is_login(route: Route) -> bool:
        return bool(
            route.signs & Sign.PASSWORD
            and route.function is not None
            and re.search(
                r"log_?in|sign_?in|authenticate|(?:^|[/_])token|(?:^|/)sessions? (?:create|store|session)\b",
                _end(route),
                re.IGNORECASE,
            )
        )

    @staticmethod
    def is_public(route: Route) -> bool:
        """Made for people who are not logged in."""
        return bool(PUBLIC.search(_end(route))) or bool(route.signs & Sign.ENTERS)

    def is_user_table(self, what: str) -> bool:
        return bool(_USER_TABLE.match(what)) or what in self._with_passwords

    @cached_property
    def _with_passwords(self) -> frozenset[str]:
        """Tables of people, by whatever name: who has a password logs in."""
        found: set[str] = set()
        for path, cls in self.app.classes():
            family = [relative for _, relative in self.app.family(cls.name, path)]
            names = {name for relative in family for name in relative.attributes}
            bases = {base.rpartition(".")[2] for relative in family for base in relative.bases}
            is_table = bool(names & {"id", "pk", "__tablename__"}) or bool(bases & {"Model", "Document"})
            if is_table and any(map(_PASSWORD_COLUMN.match, names)):
                found.add(cls.name.lower())
        return frozenset(found)

    def is_owned(self, what: str) -> bool | None:
        """Whether rows of the model or table belong to somebody; None when nothing tells."""
        if self.is_user_table(what) or what in self.app.owned or what + "s" in self.app.owned:
            return True
        if what in self._unowned:
            return False
        classes = self._models.get(what) or self._models.get(what.removesuffix("s"))
        if classes is None:
            return None
        return classes or what in self._within_owned

    @cached_property
    def _unowned(self) -> frozenset[str]:
        return frozenset().union(*(facts.unowned for facts in self.app.files.values()))

    @cached_property
    def _within_owned(self) -> frozenset[str]:
        """Models whose rows are a part of what is somebody's: of an appeal against a paper of a student."""
        parts: dict[str, set[str]] = {}
        for _, cls in self.app.classes():
            words = " ".join(words for words, _ in cls.attributes.values())
            wholes = {(one or two).lower() for one, two in _WHOLE.findall(words)} - {cls.name.lower()}
            table = cls.attributes.get("__tablename__")
            for name in (cls.name.lower(), table[0].strip("'\"").lower() if table else ""):
                if name and wholes:
                    parts[name] = wholes
        owned = {name for name, is_owned in self._models.items() if is_owned and not SHARED.search(name)}
        found: set[str] = set()
        for _ in range(2):
            found |= {part for part, wholes in parts.items() if wholes & (owned | found)}
        return frozenset(found)

    @cached_property
    def _models(self) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for _, cls in self.app.classes():
            if not any(_FIELD.search(words) or name in _COLUMNS for name, (words, _) in cls.attributes.items()):
                continue
            owned = any(
                OWNER_FIELD.match(name)
                or (name in _COLUMNS and any(map(OWNER_FIELD.match, re.findall(r"\w+", words))))
                or "AUTH_USER_MODEL" in words
                or re.search(r"(?:ForeignKey|OneToOneField)\(\s*[\"']?(?:\w+\.)?(?:User|users?\.)", words)
                for name, (words, _) in cls.attributes.items()
            )
            table = cls.attributes.get("__tablename__")
            for name in (cls.name.lower(), table[0].strip("'\"").lower() if table else ""):
                if name:
                    found[name] = found.get(name, False) or owned
        return found

    def is_personal(self, route: Route, what: str) -> bool:
        """Whether it is one person's business, as far as its words and columns tell."""
        owned = self.is_owned(what)
        if owned is not None and not owned:
            return bool(_VERY_PERSONAL.search(what))
        return bool(owned) or bool(PERSONAL.search(what)) or (not what and bool(PERSONAL.search(route.path)))


class Neighbours:
    """What the routes of one file have in common."""

    def __init__(self, routes: list[Route], scene: Scene) -> None:
        self.count = len(routes)
        self.guarded = [r for r in routes if r.is_guarded]
        self.asks_owner = any((r.signs | r.guards) & Sign.OWNER for r in routes)
        self.shown_guards = [r for r in routes if r.guards & Sign.WHO][:3]
        self.guarded_classes = {r.cls.name for r in self.guarded if r.cls is not None}
        changing = [r for r in routes if r.methods & UNSAFE and not scene.is_public(r)]
        self.changing = len(changing)
        self.changing_guarded = sum(r.is_guarded for r in changing)
        self.by_owner: Counter[str] = Counter(r.owner for r in routes if r.changes)
        self.asking: dict[str, list[Route]] = {}
        for route in routes:
            if route.changes and route.guards & Sign.ROLE:
                self.asking.setdefault(route.owner, []).append(route)


_WHOLE = re.compile(
    r"(?:ForeignKey|OneToOneField)\(\s*[\"']?(?:\w+\.)?(\w+)(?:\.\w+)?[\"']?\s*[,)](?=.{0,80}CASCADE)"
    r"|ForeignKey\(\s*[\"'](\w+)\.\w+[\"']"
)
_FIELD = re.compile(r"Column\(|Field\(|ForeignKey|relationship\(|Mapped|CharField")
_COLUMNS = frozenset({"columns", "fields", "_fields", "__slots__", "schema"})
_VERY_PERSONAL = re.compile(r"user|account|patient|medical|salar|payment|credit|wallet|secret", re.IGNORECASE)


def _end(route: Route) -> str:
    """The last fixed part of the path, and the handler's name: what the route is about."""
    parts = [part for part in re.split(r"/", re.sub(r"[<{(][^>}/]*[>}]?", "", route.path)) if part]
    return f"/{parts[-1] if parts else ''} {route.name.rpartition('.')[2]} {route.cls.name if route.cls else ''}"


def changes_by_get(route: Route) -> bool:
    """Whether a mere link to the route changes something."""
    return bool(route.acts & (Act.DELETE | Act.CHANGE)) and route.methods <= {"GET"}
