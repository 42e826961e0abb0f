"""Where one file gives paths to functions, puts routers below each other and hooks functions before requests."""

import ast
import re
from collections.abc import Iterator

from server.analysis.python.file import PythonFile
from server.analysis.python.values import argument, text_of
from server.analysis.web.expressions import chain, walk
from server.analysis.web.facts import Decorator, Registration, Router

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_ROUTE_DECORATORS = VERBS | {"route", "api_route", "websocket", "view", "websocket_route", "on"}
_ADDERS = frozenset(
    {"add_url_rule", "add_api_route", "add_route", "add_api_websocket_route", "add_resource", "add_view"}
)
_DJANGO_PATHS = frozenset({"path", "re_path", "url"})
_ROUTERS = {
    "Blueprint": "url_prefix",
    "APIRouter": "prefix",
    "Namespace": "path",
    "APIBlueprint": "url_prefix",
    "FastAPI": "root_path",
    "Flask": "",
    "Sanic": "",
    "Starlette": "",
    "Bottle": "",
    "Api": "prefix",
    "Application": "",
    "RouteTableDef": "",
    "Quart": "",
    "SimpleRouter": "",
    "DefaultRouter": "",
    "NinjaAPI": "",
    "Router": "",
    "App": "",
    "OpenAPI": "",
    "APIFlask": "",
    "FastHTML": "",
}
_MOUNTS = {
    "register_blueprint": "url_prefix",
    "include_router": "prefix",
    "add_namespace": "path",
    "mount": "path",
    "blueprint": "url_prefix",
    "add_router": "prefix",
    "add_subapp": "prefix",
}
_HOOKS = frozenset(
    {
        "before_request",
        "before_app_request",
        "url_value_preprocessor",
        "app_url_value_preprocessor",
        "middleware",
        "on_request",
        "hook",
        "before",
        "before_serving",
        "tween_factory",
    }
)
_ANY = frozenset({"GET"})
_METHODS = frozenset(verb.upper() for verb in VERBS)


def decorator_of(node: ast.expr, file: PythonFile) -> Decorator:
    called = node if isinstance(node, ast.Call) else None
    name = file.dotted(called.func if called else node)
    words = ""
    names: tuple[str, ...] = ()
    if called:
        words = ", ".join(file.text(a)[:120] for a in (*called.args, *(k for k in called.keywords)))[:300]
        names = tuple(_names_in(called, file))
    return Decorator(name, words, file.span(node), names)


def _names_in(call: ast.Call, file: PythonFile) -> Iterator[str]:
    """Functions named among the arguments: `Depends(get_user)`, `method_decorator(login_required)`,
    `@falcon.before(auth)`."""
    for given in (*call.args, *(k.value for k in call.keywords)):
        waiting: list[ast.expr] = [given]
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
                waiting.extend(node.elts)
            elif isinstance(node, ast.Call):
                name = file.dotted(node.func)
                if name:
                    yield name
                waiting.extend(node.args[:3])
            elif isinstance(node, (ast.Name, ast.Attribute)) and (name := file.dotted(node)):
                yield name


def names_given(call: ast.Call, keyword: str, file: PythonFile) -> Iterator[str]:
    """The functions that one of its arguments names: `Application(middlewares=[authenticated])`."""
    for given in call.keywords:
        if given.arg == keyword:
            yield from _names_in(ast.Call(call.func, [given.value], []), file)


def of_decorators(nodes: list[ast.expr], handler: str, file: PythonFile) -> Iterator[Registration]:
    """The routes that the decorators of a function or class make."""
    for node in nodes:
        name = file.dotted(node.func if isinstance(node, ast.Call) else node)
        owner, _, last = name.rpartition(".")
        if _is_mutation(owner, last):
            yield Registration("mutation", "", frozenset({"POST"}), handler, file.span(node))
        elif _is_query(owner, last, handler):
            yield Registration("query", "", frozenset({"GET"}), handler, file.span(node))
        if not isinstance(node, ast.Call):
            continue
        if last == "view_config":
            guards = ("pyramid.permission",) if any(k.arg == "permission" for k in node.keywords) else ()
            text = text_of(argument(node, 9, "route_name"), file)
            yield Registration("", text, _methods(node, file, _ANY, "request_method"), handler, file.span(node), guards)
        elif last == "api_view":
            yield Registration("", "", _methods(node, file, _ANY), handler, file.span(node))
        elif last == "action" and handler.count("."):
            yield Registration(
                "viewset", handler.rpartition(".")[2], _methods(node, file, _ANY), handler, file.span(node)
            )
        elif last in _ROUTE_DECORATORS and (path := _path(node, file)) is not None:
            if last == "on" and not owner.rpartition(".")[2].lower().endswith(("socketio", "sio", "socket")):
                continue
            methods = frozenset({last.upper()}) if last in VERBS else _methods(node, file, _ANY)
            if last in ("websocket", "websocket_route", "on"):
                methods = frozenset({"WEBSOCKET"})
            yield Registration(owner, path, methods, handler, file.span(node), _guards(node, file))


def _is_mutation(owner: str, last: str) -> bool:
    """`@strawberry.mutation`, and `@mutation.field("deletePost")` of Ariadne."""
    return (last == "mutation" and owner == "strawberry") or (
        last == "field" and owner.rpartition(".")[2].lower().startswith("mutation")
    )


def _is_query(owner: str, last: str, handler: str) -> bool:
    """`@strawberry.field` of `class Query`, and `@query.field("users")` of Ariadne."""
    of, _, name = handler.rpartition(".")
    return last == "field" and (
        (owner in ("strawberry", "strawberry_django") and of.endswith(("Query", "Queries")) and bool(name))
        or owner.rpartition(".")[2].lower().startswith("query")
    )


def is_resolver(qualified: str) -> bool:
    """`resolve_users` of Graphene's `class Query`."""
    of, _, name = qualified.rpartition(".")
    return of.endswith(("Query", "Queries")) and name.startswith("resolve_")


def _path(call: ast.Call, file: PythonFile) -> str | None:
    """The path of a route's decorator; None when it is something else (`@mock.get("name")`, `@cache.get(key)`)."""
    node = argument(call, 0, "path") or argument(call, 9, "rule") or argument(call, 9, "uri")
    if node is None:
        return None
    if isinstance(node, ast.List) and node.elts:
        node = node.elts[0]
    text = text_of(node, file)
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return None
        return text if text.startswith(("/", "<", "{")) or text in ("", "*") or call_is(call, ("on", "route")) else None
    return text or None if isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Name)) else None


def call_is(call: ast.Call, names: tuple[str, ...]) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in names


def _methods(call: ast.Call, file: PythonFile, otherwise: frozenset[str], name: str = "methods") -> frozenset[str]:
    node = next((k.value for k in call.keywords if k.arg in (name, "method", "methods")), None)
    if node is None and call.args and isinstance(call.args[-1], (ast.List, ast.Tuple)):
        node = call.args[-1]
    if node is None:
        return otherwise
    texts = [n.value for n in walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return frozenset(text.upper() for text in texts if text.lower() in VERBS) or otherwise


def _guards(call: ast.Call, file: PythonFile) -> tuple[str, ...]:
    found: list[str] = []
    for keyword in call.keywords:
        if keyword.arg in (
            "dependencies",
            "auth",
            "decorators",
            "permission",
            "apply",
            "middleware",
            "middlewares",
            "auth_required",
            "guards",
        ):
            if keyword.arg in ("auth", "permission", "auth_required") and not (
                isinstance(keyword.value, ast.Constant) and not keyword.value.value
            ):
                found.append("auth")
            found += _names_in(ast.Call(call.func, [keyword.value], []), file)
    return tuple(found)


def of_call(call: ast.Call, name: str, scope: str, file: PythonFile) -> Iterator[Registration | Router]:
    """The routes and mounts of a call: `add_url_rule`, `path(...)`, `router.add_get`, `register_blueprint`."""
    owner, _, last = name.rpartition(".")
    if last in _ADDERS:
        yield from _added(call, owner, last, file)
    elif last in _DJANGO_PATHS and len(call.args) >= 2 and (not owner or owner.startswith("django") or "urls" in owner):
        yield from _django(call, scope, file)
    elif (
        last == "register"
        and len(call.args) >= 2
        and isinstance(call.args[0], ast.Constant)
        and "router" in owner.lower()
    ):
        yield Registration(
            owner, "/" + str(call.args[0].value), frozenset(), file.dotted(call.args[1]), file.span(call)
        )
    elif last in ("add_get", "add_post", "add_put", "add_patch", "add_delete") and len(call.args) >= 2:
        methods = frozenset({last[4:].upper()})
        yield Registration(owner, text_of(call.args[0], file), methods, file.dotted(call.args[1]), file.span(call))
    elif last in ("Route", "WebSocketRoute") and len(call.args) >= 2:
        kind = frozenset({"WEBSOCKET"}) if last == "WebSocketRoute" else _methods(call, file, _ANY)
        yield Registration("", text_of(call.args[0], file), kind, file.dotted(call.args[1]), file.span(call))
    elif owner.endswith("web") and last in VERBS and len(call.args) >= 2:
        yield Registration(
            "", text_of(call.args[0], file), frozenset({last.upper()}), file.dotted(call.args[1]), file.span(call)
        )
    elif last in _MOUNTS and call.args and owner:
        child = next((a for a in call.args if file.dotted(a)), None)
        prefix = text_of(argument(call, 9, _MOUNTS[last]), file) or text_of(call.args[0], file)
        if child is not None:
            yield Router(file.dotted(child), prefix, _guards(call, file), file.span(call), "mount", owner)


def _added(call: ast.Call, owner: str, last: str, file: PythonFile) -> Iterator[Registration]:
    view = argument(call, 2, "view_func") if last == "add_url_rule" else argument(call, 9, "endpoint")
    path = ""
    named = frozenset(str(a.value) for a in call.args[:1] if isinstance(a, ast.Constant) and a.value in _METHODS)
    for given in call.args:
        text = text_of(given, file)
        if text.startswith("/") and not path:
            path = text
        elif view is None and _named(given, file):
            view = given
    if view is not None and (target := _named(view, file)):
        yield Registration(
            owner,
            path,
            named or _methods(call, file, frozenset() if last == "add_resource" else _ANY),
            target,
            file.span(call),
            _guards(call, file),
        )


def _named(node: ast.expr, file: PythonFile) -> str:
    """`views.Order` for `views.Order`, `views.Order.as_view("x")`, `Order()`, `login_required(Order.as_view())`."""
    if isinstance(node, ast.Call):
        name = chain(node.func, file)
        if name.endswith(".as_view"):
            return name.removesuffix(".as_view")
        if name.rpartition(".")[2][:1].isupper():
            return name
        if node.args and (inner := _named(node.args[0], file)):
            return inner
        return name
    return file.dotted(node)


def _django(call: ast.Call, scope: str, file: PythonFile) -> Iterator[Registration | Router]:
    text = text_of(call.args[0], file)
    path = "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", text).strip("^$")
    view = call.args[1]
    guards: list[str] = []
    while isinstance(view, ast.Call) and not chain(view.func, file).endswith(("as_view", "include")) and view.args:
        guards.append(file.dotted(view.func))
        view = view.args[0]
    if isinstance(view, ast.Call) and file.dotted(view.func).endswith("include"):
        included = view.args[0] if view.args else None
        if isinstance(included, ast.Tuple) and included.elts:
            included = included.elts[0]
        child = text_of(included, file) or (file.dotted(included).removesuffix(".urls") if included else "")
        if child:
            yield Router(child, path, tuple(guards), file.span(call), "mount", scope)
        return
    target = _named(view, file)
    if target and not target.startswith("django."):
        yield Registration("urlpatterns", path, frozenset(), target, file.span(call), tuple(guards))


def routers(file: PythonFile) -> Iterator[Router]:
    """The applications, routers and blueprints that the file makes."""
    for node in file.nodes(ast.Assign):
        assert isinstance(node, ast.Assign)
        if not isinstance(node.value, ast.Call) or len(node.targets) != 1:
            continue
        kind = file.dotted(node.value.func).rpartition(".")[2]
        if kind not in _ROUTERS:
            continue
        name = file.dotted(node.targets[0])
        prefix = text_of(argument(node.value, 9, _ROUTERS[kind]), file) if _ROUTERS[kind] else ""
        yield Router(name, prefix, _guards(node.value, file), file.span(node), kind)


def tornado_routes(file: PythonFile) -> Iterator[Registration]:
    """`(r"/order/(\\d+)", OrderHandler)` in the list that `Application` gets."""
    for node in file.nodes(ast.Tuple):
        assert isinstance(node, ast.Tuple)
        if len(node.elts) < 2 or not isinstance(node.elts[0], ast.Constant) or not isinstance(node.elts[0].value, str):
            continue
        if node.elts[0].value.startswith("/") and (name := file.dotted(node.elts[1])).rpartition(".")[2][:1].isupper():
            yield Registration("", node.elts[0].value, frozenset(), name, file.span(node))


def is_hook(decorator: Decorator) -> bool:
    """Whether the decorated function runs before every request of the decorator's owner."""
    last = decorator.name.rpartition(".")[2]
    if last == "hook":
        return "before_request" in decorator.words
    return last in _HOOKS and last != "before"
