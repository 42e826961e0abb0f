"""Routes of PHP: Laravel's and Slim's route files, Symfony's attributes, and plain scripts, which are routes of their
own.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.flow import program as p
from server.analysis.source import Span
from server.analysis.web.facts import Filter, Registration, Router
from server.analysis.web.lowered.body import Requests, chain, plain, text_of, walk
from server.analysis.web.lowered.outline import SCRIPT, Defined, Outline, Routes, Routing, guard_of, texts_of
from server.analysis.web.lowered.words import OWNER_FIELD, snake

REQUESTS = Requests(
    names=frozenset({"$_GET", "$_POST", "$_REQUEST", "$_COOKIE", "$_FILES", "$args"}),
    parts=frozenset(
        {"input", "get", "query", "post", "all", "only", "except", "json", "route", "file", "validate", "validated"}
        | {
            "getContent",
            "toArray",
            "request",
            "id",
            "string",
            "integer",
            "boolean",
            "float",
            "date",
            "enum",
            "collect",
            "getParsedBody",
            "getQueryParams",
        }
        | {"getAttribute", "getUploadedFiles", "safe", "cookie", "getParam", "getQuery", "getPost", "getVar", "payload"}
    ),
    holders=frozenset({"$request", "$req", "request", "Request", "$args", "Input"}),
)
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "any", "match", "map", "options"})
_RESOURCE = {
    "index": ("GET", ""),
    "create": ("GET", "/create"),
    "store": ("POST", ""),
    "show": ("GET", "/{id}"),
    "edit": ("GET", "/{id}/edit"),
    "update": ("PUT", "/{id}"),
    "destroy": ("DELETE", "/{id}"),
}
_GUARDING = frozenset({"middleware", "can", "add", "withMiddleware", "addMiddleware"})
_ATTRIBUTES = re.compile(r"(?:IsGranted|Security|IsCsrfTokenValid|RequireRole|RateLimit\w*|\w*Auth\w*|\w*Role\w*)$")
_INJECTED = re.compile(
    r"(?:Request|Response|Interface|Repository|Manager|Service|Factory|Mailer|Logger|Handler|Session|Gateway|Client"
    r"|Builder|Generator|Hasher|Provider|Storage|Action)$"
)


def fills(one: Defined, outline: Outline) -> frozenset[str] | None:
    if one.cls is None or one.function.name.startswith("__") or not is_controller(one.cls):
        return None
    return frozenset(
        param.name
        for param in one.function.params
        if param.annotation is None or not _INJECTED.search(chain(param.annotation))
    )


def is_controller(cls: p.Class) -> bool:
    return cls.name.endswith("Controller") or any(chain(base).endswith("Controller") for base in cls.bases)


def routes(outline: Outline) -> Routes:
    found = Routes()
    if outline.imports_any("Illuminate."):
        found.frameworks.add("laravel")
    if outline.imports_any("Symfony."):
        found.frameworks.add("symfony")
    _Registering(outline, found).look_at(outline.top, _Group())
    for one in outline.functions:
        if one.cls is None or one.function.name in ("register", "boot", "map", "__invoke", "__init__", "routes"):
            _Registering(outline, found).look_at(one.function.body, _Group())
    for cls in outline.classes:
        _attributes(cls, outline, found)
        _constructed(cls, found)
    if _is_page(outline, found):
        methods = (
            frozenset({"POST"}) if "$_POST" in outline.source.text or "'POST'" in outline.source.text else frozenset()
        )
        path = "/" + outline.source.path.lstrip("/")
        found.registrations.append(Registration(_folder(path), path, methods, SCRIPT, _head(outline)))
    return found


class _Group(NamedTuple):
    """What stands around a registration. *name*: of the routes that belong together."""

    prefix: str = ""
    guards: tuple[str, ...] = ()
    name: str = ""


class _Registering:
    """Walks through a file of routes, and into the closures of its groups."""

    def __init__(self, outline: Outline, found: Routes) -> None:
        self._outline = outline
        self._found = found

    def look_at(self, statements: list[p.Statement], group: _Group) -> None:
        for statement in statements:
            value = statement.value if isinstance(statement, p.Do | p.Return | p.Assign) else None
            if isinstance(value, p.Call):
                self._chain(value, group)
            elif isinstance(statement, p.If):
                self.look_at([*statement.body, *statement.orelse], group)

    def _chain(self, call: p.Call, group: _Group) -> None:
        """`Route::middleware("auth")->prefix("admin")->group(...)`, the innermost call first."""
        steps: list[p.Call] = []
        at: p.Expr = call
        while isinstance(at, p.Call) and isinstance(at.callee, p.Attr):
            steps.insert(0, at)
            at = at.callee.base
        if not steps or not _is_router(at):
            return
        prefix, guards, opened = group.prefix, list(group.guards), None
        for step in steps:
            name = step.callee.name  # type: ignore[union-attr]
            if name in _GUARDING:
                guards += _guards(step)
            elif name == "withoutMiddleware":
                guards = []
            elif name == "prefix" and step.args:
                prefix = _joined(prefix, text_of(step.args[0]))
        for step in steps:
            name = step.callee.name  # type: ignore[union-attr]
            if name == "group":
                opened = step
            elif name in _VERBS and len(step.args) >= 2:
                self._register(step, _Group(prefix, tuple(guards), group.name))
            elif name in ("resource", "apiResource") and len(step.args) >= 2:
                self._resource(step, steps, _Group(prefix, tuple(guards), group.name))
        if opened is not None:
            self._group(opened, _Group(prefix, tuple(guards), f"{group.name}/{opened.line}"))

    def _group(self, step: p.Call, group: _Group) -> None:
        for argument in step.args:
            if isinstance(argument, p.Collection):
                for key, value in argument.items:
                    word = text_of(key) if key is not None else ""
                    if word == "middleware":
                        group = group._replace(guards=(*group.guards, *_named(value)))
                    elif word == "prefix":
                        group = group._replace(prefix=_joined(group.prefix, text_of(value)))
            elif text_of(argument):  # Slim: `$app->group("/api", ...)`
                group = group._replace(prefix=_joined(group.prefix, text_of(argument)))
        for argument in step.args:
            if isinstance(argument, p.Closure):
                self.look_at(argument.function.body, group)
                continue
            files = [text for n in walk(argument) if (text := text_of(n)).endswith(".php")]
            for text in files:  # `Route::middleware("auth")->group(base_path("routes/admin.php"))`
                name = "@" + text.rpartition("/")[2]
                span = self._outline.source.line_span(step.line)
                self._found.routers.append(Router(name, group.prefix, group.guards, span, "mount"))

    def _register(self, step: p.Call, group: _Group) -> None:
        name = step.callee.name  # type: ignore[union-attr]
        args = step.args
        methods = frozenset({name.upper()}) if name in ("get", "post", "put", "patch", "delete") else frozenset[str]()
        if name in ("match", "map"):
            methods, args = frozenset(text.upper() for text in texts_of(args[0])), args[1:]
        path = text_of(args[0]) if args else ""
        handler = self._handler(args[1]) if len(args) > 1 else ""
        if handler:
            self._add(_joined(group.prefix, path), methods, handler, step.line, group)

    def _resource(self, step: p.Call, steps: list[p.Call], group: _Group) -> None:
        controller = chain(step.args[1]).removesuffix(".class") or text_of(step.args[1])
        listed = {
            other.callee.name: set(texts_of(other.args[0]))  # type: ignore[union-attr]
            for other in steps
            if other.callee.name in ("only", "except") and other.args  # type: ignore[union-attr]
        }
        for name, (method, end) in _RESOURCE.items():
            if name in listed.get("except", ()) or ("only" in listed and name not in listed["only"]):
                continue
            path = _joined(group.prefix, text_of(step.args[0])) + end
            handler = f"{self._full(controller)}.{name}"
            self._add(path, frozenset({method}), handler, step.line, group)

    def _add(self, path: str, methods: frozenset[str], handler: str, line: int, group: _Group) -> None:
        span = self._outline.source.line_span(line)
        owner = f"routes{group.name}"
        self._found.registrations.append(Registration(owner, path, methods, handler, span, group.guards))

    def _handler(self, argument: p.Expr) -> str:
        if isinstance(argument, p.Closure):
            return self._found.name_closure(argument)
        if isinstance(argument, p.Collection) and len(argument.items) == 2:
            owner, method = (value for _, value in argument.items)
            return f"{self._full(chain(owner).removesuffix('.class'))}.{text_of(method)}"
        if isinstance(argument, p.Text):  # `UserController::class . ":show"`
            return f"{self._full(chain(argument.parts[0]).removesuffix('.class'))}.{text_of(argument).strip('?:')}"
        text = text_of(argument)
        if "@" in text or ":" in text:
            name, _, action = text.replace("@", ":").replace("::", ":").partition(":")
            return f"{name.replace(chr(92), '.').rpartition('.')[2]}.{action}"
        name = chain(argument).removesuffix(".class")
        return f"{self._full(name)}.__invoke" if name[:1].isupper() else ""

    def _full(self, name: str) -> str:
        return self._outline.imports.get(name, name)


def _is_router(node: p.Expr) -> bool:
    name = plain(node).removeprefix("self.")
    return name in (
        "Route",
        "Router",
        "$app",
        "$router",
        "$group",
        "$route",
        "$routes",
        "$r",
        "$api",
        "$g",
        "app",
        "router",
    )


def _guards(step: p.Call) -> list[str]:
    name = step.callee.name  # type: ignore[union-attr]
    found = [guard for argument in step.args for guard in _named(argument)]
    return [f"can {guard}" for guard in found[:1]] if name == "can" else found


def _named(argument: p.Expr) -> list[str]:
    if isinstance(argument, p.Collection):
        return [guard for _, item in argument.items for guard in _named(item)]
    guard = guard_of(argument)
    return [guard] if guard else []


def _joined(prefix: str, path: str) -> str:
    return "/" + "/".join(filter(None, (prefix.strip("/"), path.strip("/"))))


def _attributes(cls: p.Class, outline: Outline, found: Routes) -> None:
    """Symfony: `#[Route("/orders/{id}", methods: ["GET"])]` on methods and classes."""
    above = [guard_of(d) for d in cls.decorators if _ATTRIBUTES.search(chain(d))]
    prefix = next((_path(d) for d in cls.decorators if chain(d).endswith("Route")), "")
    for function in outline.methods(cls):
        for decorator in function.decorators:
            if not chain(decorator).endswith("Route") or not isinstance(decorator, p.Call):
                continue
            listed = [text.upper() for key, value in decorator.keywords if key == "methods" for text in texts_of(value)]
            guards = above + [guard_of(d) for d in function.decorators if _ATTRIBUTES.search(chain(d))]
            span = outline.source.line_span(function.line)
            path = _joined(prefix, _path(decorator))
            handler = f"{cls.name}.{function.name}"
            registration = Registration(cls.name, path, frozenset(listed), handler, span, tuple(guards))
            found.registrations.append(registration)
            break


def _path(decorator: p.Expr) -> str:
    if not isinstance(decorator, p.Call):
        return ""
    given = [*decorator.args[:1], *(value for key, value in decorator.keywords if key == "path")]
    return next((text for value in given if (text := text_of(value))), "")


def _constructed(cls: p.Class, found: Routes) -> None:
    """Laravel: `$this->middleware("auth")->except(["index"])` in the constructor of a controller."""
    for statement in cls.body:
        if not isinstance(statement, p.Define) or statement.function.name not in ("__init__", "middleware"):
            continue
        for inner in statement.function.body:
            value = inner.value if isinstance(inner, p.Do) else None
            steps = []
            while isinstance(value, p.Call) and isinstance(value.callee, p.Attr):
                steps.append((value.callee.name, value))
                value = value.callee.base
            if not steps or steps[-1][0] != "middleware" or plain(value) != "$this":
                continue
            listed = {name: frozenset(t for a in call.args for t in texts_of(a)) for name, call in steps[:-1]}
            only, excepted = listed.get("only", frozenset()), listed.get("except", frozenset())
            for argument in steps[-1][1].args:
                found.filters += [Filter(cls.name, guard, only, excepted) for guard in _named(argument)]


def _is_page(outline: Outline, found: Routes) -> bool:
    """A script that answers by itself: it reads the request, or asks a database and prints."""
    if found.registrations or found.frameworks or outline.classes or not outline.top:
        return False
    text = outline.source.text
    if not re.search(r"\$_(?:GET|POST|REQUEST|FILES)\b", text):
        return False
    name = outline.source.path.rpartition("/")[2]
    inside = re.search(
        r"(?:^|/)(?:inc|includes?|lib|libs|src|config|tests?|vendor|partials|templates|bin|cli)/", outline.source.path
    )
    return inside is None and not name.startswith(("_", "config", "bootstrap", "functions")) and _acts(outline)


def _acts(outline: Outline) -> bool:
    return any(isinstance(n, p.Call) for n in walk(*outline.top))


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _head(outline: Outline) -> Span:
    return outline.source.line_span(outline.top[0].line)


def models(outline: Outline) -> Iterator[tuple[str, bool]]:
    """Eloquent's: what belongs to a user says so, or has the user's key among its fields."""
    for cls in outline.classes:
        if not any(
            chain(base).rpartition(".")[2] in ("Model", "Pivot", "Authenticatable", "ActiveRecord")
            for base in cls.bases
        ):
            continue
        fields = [text for s in cls.body if isinstance(s, p.Assign) for text in texts_of(s.value)]
        calls = [n for f in outline.methods(cls) for n in walk(*f.body) if isinstance(n, p.Call)]
        above = [
            snake(chain(call.args[0]).removesuffix(".class").rpartition(".")[2])
            for call in calls
            if chain(call.callee).endswith("belongsTo") and call.args
        ]
        if any(OWNER_FIELD.match(name) for name in (*fields, *above)):
            yield snake(cls.name), True
        elif fields and not above:
            yield snake(cls.name), False


ROUTING = Routing(REQUESTS, fills, routes, models)
