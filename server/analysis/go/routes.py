"""Routes of Go: net/http and gorilla/mux, gin, echo, chi, fiber; with the middlewares of their groups."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from server.analysis.flow import program as p
from server.analysis.source import Span
from server.analysis.web.facts import Registration, Router
from server.analysis.web.lowered.body import Requests, chain, text_of
from server.analysis.web.lowered.outline import Defined, Outline, Routes, Routing, guard_of, texts_of
from server.analysis.web.lowered.words import OWNER_FIELD, snake

REQUESTS = Requests(
    names=frozenset(),
    parts=frozenset(
        {"Param", "Params", "Query", "DefaultQuery", "PostForm", "FormValue", "PathValue", "URLParam", "QueryParam"}
        | {"GetQuery", "PostFormValue", "Vars", "ParamsInt", "FormFile", "MultipartForm", "Body", "Form", "Header"}
        | {
            "GetRawData",
            "ParamValues",
            "URLParamFromCtx",
            "QueryInt",
            "GetHeader",
            "DefaultPostForm",
            "ParamsFromContext",
        }
    ),
    holders=frozenset({"r", "req", "request", "c", "ctx", "context", "chi", "mux", "httprouter"}),
    binders=frozenset(
        {
            "should_bind_json",
            "should_bind",
            "bind",
            "bind_json",
            "body_parser",
            "decode",
            "read_json",
            "should_bind_query",
        }
        | {"should_bind_with", "should_bind_uri", "unmarshal", "decode_json", "decode_json_body", "decode_body"}
    ),
)
_VERBS = {verb: verb for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")} | {
    verb.capitalize(): verb for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")
}
_ANY = frozenset({"Any", "All", "Handle", "HandleFunc", "Handler", "HandlerFunc", "Method", "MethodFunc", "Add"})
_REQUEST_TYPES = re.compile(r"(?:gin|echo|fiber)\.(?:Context|Ctx)$|http\.Request$")
_ROUTER_TYPES = re.compile(
    r"(?:gin\.(?:RouterGroup|Engine|IRouter|IRoutes)|echo\.(?:Group|Echo)|chi\.(?:Router|Mux)|fiber\.(?:Router|App)"
    r"|http\.ServeMux|mux\.Router|httprouter\.Router)$"
)
_MAKERS = re.compile(
    r"^(?:gin\.(?:New|Default)|echo\.New|chi\.NewRouter|chi\.NewMux|fiber\.New|http\.NewServeMux|mux\.NewRouter"
    r"|httprouter\.New)$"
)
_GROUPS = frozenset({"Group", "PathPrefix", "Subrouter", "With", "Host", "Route"})


def fills(one: Defined, outline: Outline) -> frozenset[str] | None:
    for param in one.function.params:
        if param.annotation is not None and _REQUEST_TYPES.search(chain(param.annotation)):
            return frozenset()
    return None


@dataclass(eq=False)
class _Group:
    """Where routes are put: a router, or a part of one. *name*: of the routes that belong together."""

    prefix: str = ""
    above: tuple[str, ...] = ()
    own: list[str] = field(default_factory=list)
    name: str = ""
    parent: "_Group | None" = None

    def guards(self) -> tuple[str, ...]:
        around = self.parent.guards() if self.parent is not None else ()
        return (*around, *self.above, *self.own)


def routes(outline: Outline) -> Routes:
    found = Routes()
    is_web = outline.imports_any(
        "net.http",
        "net/http",
        "github.com.gin-gonic",
        "github.com/gin-gonic",
        "github.com.labstack",
        "github.com/labstack",
    ) or any(re.search(r"gin|echo|chi|fiber|mux|httprouter|http", target) for target in outline.imports.values())
    if not is_web:
        return found
    in_order = any(re.search(r"gin|fiber", target) for target in outline.imports.values())
    for one in outline.functions:
        _Registering(one, outline, found, in_order=in_order).run()
    return found


class _Registering:
    """Follows one function through the routers that it makes or is given. *in_order*: a middleware stands only before
    the routes that are registered after it.
    """

    def __init__(self, one: Defined, outline: Outline, found: Routes, *, in_order: bool) -> None:
        self._one = one
        self._outline = outline
        self._found = found
        self._in_order = in_order
        self._groups: dict[str, _Group] = {}
        self._types: dict[str, str] = {}
        self._pending: list[tuple[_Group, tuple[str, ...] | None, Registration]] = []

    def run(self) -> None:
        name = self._one.function.name
        for param in self._one.function.params:
            kind = chain(param.annotation) if param.annotation is not None else ""
            if _ROUTER_TYPES.search(kind):
                self._groups[param.name] = _Group(name=name)
            elif kind:
                self._types[param.name] = kind.rpartition(".")[2]
        self._look_at(self._one.function.body)
        for group, before, registration in self._pending:
            guards = (*(before if before is not None else group.guards()), *registration.guards)
            self._found.registrations.append(
                Registration(
                    registration.owner,
                    registration.path,
                    registration.methods,
                    registration.handler,
                    registration.span,
                    guards,
                )
            )

    def _look_at(self, statements: list[p.Statement]) -> None:
        for statement in statements:
            if isinstance(statement, p.Assign):
                self._assigned(statement)
            elif isinstance(statement, p.Do | p.Return) and isinstance(statement.value, p.Call):
                self._called(statement.value)
            elif isinstance(statement, p.If):
                self._look_at(statement.body)
                self._look_at(statement.orelse)
            elif isinstance(statement, p.With | p.Loop | p.Try):
                self._look_at(statement.body)

    def _assigned(self, statement: p.Assign) -> None:
        target, value = statement.targets[0], statement.value
        name = chain(target)
        if not isinstance(value, p.Call) or not name:
            return
        if value.new:
            self._types[name] = chain(value.callee).rpartition(".")[2]
        group = self._group_of(value)
        if group is not None:
            self._groups[name] = group
        else:
            self._called(value)

    def _group_of(self, value: p.Expr) -> _Group | None:
        """The router that an expression is: a new one, a known one, or a part of one."""
        if not isinstance(value, p.Call):
            return self._groups.get(chain(value))
        name = chain(value.callee)
        if _MAKERS.match(name):
            return _Group(name=f"{self._one.function.name}#{value.line}")
        last = name.rpartition(".")[2]
        if isinstance(value.callee, p.Attr) and last in _GROUPS:
            over = self._group_of(value.callee.base)
            if over is None:
                return None
            if last == "Subrouter":
                return over
            prefix = over.prefix + (text_of(value.args[0]) if value.args else "")
            start = 0 if last == "With" else 1
            guards = [guard_of(g) for g in value.args[start:] if not isinstance(g, p.Closure)]
            above = over.guards() if self._in_order else ()
            name = f"{over.name.partition('#')[0]}#{value.line}"
            return _Group(prefix, above, guards, name, None if self._in_order else over)
        return None

    def _called(self, call: p.Call) -> None:
        callee = call.callee
        last = chain(callee).rpartition(".")[2]
        if isinstance(callee, p.Attr):
            if last == "Methods" and isinstance(callee.base, p.Call):
                self._register(callee.base, frozenset(texts_of_all(call.args)))
                return
            if last == "Use":
                group = self._group_of(callee.base)
                if group is not None:
                    group.own += [guard_of(g) for g in call.args if not text_of(g)]
                    return
            if last in ("Route", "Group", "Mount") and any(isinstance(a, p.Closure) for a in call.args):
                self._inside(call)
                return
            if last in _VERBS or last in _ANY:
                self._register(call, frozenset())
                return
        self._handed_on(call)

    def _inside(self, call: p.Call) -> None:
        """chi: `r.Route("/accounts", func(r chi.Router) { ... })`."""
        callee = call.callee
        over = self._group_of(callee.base) if isinstance(callee, p.Attr) else None
        for argument in call.args:
            if isinstance(argument, p.Closure) and argument.function.params:
                base = over or _Group(name=self._one.function.name)
                name = f"{base.name.partition('#')[0]}#{call.line}"
                inner = _Group(base.prefix + text_of(call.args[0]), base.above, [], name, base)
                param = argument.function.params[0].name
                around = self._groups.get(param)
                self._groups[param] = inner
                self._look_at(argument.function.body)
                if around is not None:
                    self._groups[param] = around

    def _handed_on(self, call: p.Call) -> None:
        """`handlers.Register(api)`; `http.ListenAndServe(addr, requireLogin(mux))` puts a guard before all routes."""
        for argument in (*call.args, *(value for _, value in call.keywords)):
            group = self._groups.get(chain(argument)) if isinstance(argument, p.Name | p.Attr) else None
            if group is not None:
                name = chain(call.callee).rpartition(".")[2]
                span = self._span(call.line)
                self._found.routers.append(Router(name, group.prefix, group.guards(), span, "mount"))
            elif isinstance(argument, p.Call):
                self._wrapped(argument)

    def _wrapped(self, call: p.Call) -> None:
        for argument in call.args:
            group = self._groups.get(chain(argument)) if isinstance(argument, p.Name) else None
            if group is not None:
                group.own.insert(0, chain(call.callee))
                self._pending = [
                    (g, (chain(call.callee), *before) if before is not None and g is group else before, r)
                    for g, before, r in self._pending
                ]
            elif isinstance(argument, p.Call):
                self._wrapped(argument)

    def _register(self, call: p.Call, methods: frozenset[str]) -> None:
        callee = call.callee
        if not isinstance(callee, p.Attr) or len(call.args) < 2:
            return
        args = list(call.args)
        name = callee.name
        if name in ("Method", "MethodFunc", "Add", "Handle") and len(args) > 2 and text_of(args[0]).isupper():
            methods, args = frozenset({text_of(args[0])}), args[1:]
        path = text_of(args[0])
        if not path and not isinstance(args[0], p.Const):
            return
        method, _, rest = path.partition(" ")
        if rest and method in _VERBS:
            methods, path = frozenset({method}), rest
        if not path.startswith(("/", "")) or (name in _ANY and not path.startswith("/")):
            return
        group = self._group_of(callee.base)
        if group is None:
            base = chain(callee.base)
            if name not in ("HandleFunc", "Handle") and not re.search(
                r"rout|group|api|admin|mux|app|^[reg]$", snake(base)
            ):
                return
            group = self._groups.setdefault(base or "http", _Group(name=f"{self._one.function.name}#{base}"))
        if name in _VERBS:
            methods = frozenset({_VERBS[name]})
        given = args[1:]
        is_echo = any("echo" in target for target in self._outline.imports.values())
        handler_place = 0 if is_echo else len(given) - 1
        guards = [guard_of(g) for i, g in enumerate(given) if i != handler_place]
        handler, wrappers = self._handler(given[handler_place])
        if not handler:
            return
        before = group.guards() if self._in_order else None
        registration = Registration(
            group.name, _joined(group.prefix, path), methods, handler, self._span(call.line), (*guards, *wrappers)
        )
        self._pending.append((group, before, registration))

    def _handler(self, argument: p.Expr) -> tuple[str, list[str]]:
        """(the handler's name, what it is wrapped in)."""
        if isinstance(argument, p.Closure):
            return self._found.name_closure(argument), []
        if isinstance(argument, p.Call):
            wrapper = chain(argument.callee)
            inner = next((a for a in argument.args if self._is_handler(a)), None)
            if inner is None:
                return self._named(argument.callee), []
            handler, wrappers = self._handler(inner)
            is_plain = wrapper.rpartition(".")[2] in ("HandlerFunc", "WrapF", "WrapH", "HTTPHandlerFunc")
            return handler, wrappers if is_plain else [guard_of(argument), *wrappers]
        return self._named(argument), []

    @staticmethod
    def _is_handler(argument: p.Expr) -> bool:
        return isinstance(argument, p.Closure | p.Call | p.Attr | p.Name)

    def _named(self, argument: p.Expr) -> str:
        """`h.Login` by the type of `h`."""
        if isinstance(argument, p.Name):
            return argument.id
        if not isinstance(argument, p.Attr):
            return ""
        base = chain(argument.base)
        kind = self._types.get(base, "")
        if not kind and self._one.cls is not None and self._one.function.params:
            kind = self._one.cls.name if base == self._one.function.params[0].name else ""
        return f"{kind or base}.{argument.name}"

    def _span(self, line: int) -> Span:
        return self._outline.source.line_span(line)


def texts_of_all(arguments: list[p.Expr]) -> Iterator[str]:
    for argument in arguments:
        yield from texts_of(argument)
        if isinstance(argument, p.Attr) and argument.name.startswith("Method"):
            yield argument.name.removeprefix("Method").upper()


def _joined(prefix: str, path: str) -> str:
    return "/" + "/".join(filter(None, (prefix.strip("/"), path.strip("/"))))


def models(outline: Outline) -> Iterator[tuple[str, bool]]:
    """Structs that have a field for whose they are. Of the others nobody knows whether they are kept."""
    for cls in outline.classes:
        names = [
            snake(target.id)
            for statement in cls.body
            if isinstance(statement, p.Assign)
            for target in statement.targets
            if isinstance(target, p.Name)
        ]
        if any(OWNER_FIELD.match(name) and name.endswith("_id") for name in names):
            yield snake(cls.name), True


ROUTING = Routing(REQUESTS, fills, routes, models)
