"""The routes of a server file, and what is written before and in each: facts for `access.py`, which judges them.

Told by words, not by flow: what a guard is called, what a handler asks of whom.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from server.analysis.javascript.accounts import FUNCTIONS
from server.analysis.javascript.bodies import ASKS, Body, body_of, takers_of
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.lowering.names import imported_name, module_name
from server.analysis.javascript.values import arguments
from server.analysis.parsed import called
from server.analysis.source import Span


class Route(NamedTuple):
    """*guards*: what is called before the handler, as written. *handler*: a name, where the handler is no function
    here.
    """

    method: str
    path: str
    span: Span
    guards: tuple[str, ...]
    handler: str
    body: Body | None


class Mount(NamedTuple):
    """`app.use("/admin", requireAdmin, router)`; *target* is the module of the router, or ""."""

    path: str
    guards: tuple[str, ...]
    target: str


class RoutesOf(NamedTuple):
    """Of one file. *handlers*: functions that others may route to, by name, and by `Class.method`. *takers*: functions
    that take an object by a key that they are given, and whether they change it. *limits*: it counts requests;
    *limiters*: the variables that do.
    *guards_all*: below which paths it puts a guard before every route of the program. *session*: where sessions in
    cookies are set up; *forged*: it says something of forged requests.
    """

    module: str
    routes: tuple[Route, ...]
    mounts: tuple[Mount, ...]
    handlers: tuple[tuple[str, Body], ...]
    takers: tuple[tuple[str, bool], ...]
    imports: tuple[tuple[str, str], ...]
    limits: bool
    limiters: frozenset[str]
    guards_all: tuple[str, ...]
    session: Span | None
    forged: bool


_FORGED = re.compile(r"csrf|csurf|xsrf|lusca|same_?site|double-?submit", re.IGNORECASE)
_GUARDS_ALL = re.compile(r"\bAPP_GUARD\b|\buseGlobalGuards\(")
_NEXT_MIDDLEWARE = re.compile(r"(?:^|/)(?:middleware|proxy)\.[jt]s$")
_VERBS = ("get", "post", "put", "patch", "delete", "all")
_HANDLER_PARAMETERS = re.compile(r"\(?\s*(?:_?req|request|ctx|c)\b")
LIMITS = re.compile(
    r"rate-?limit|express-brute|slow-?down|rate-limiter|throttl|ratelimit|express-limiter|limiter", re.IGNORECASE
)


_LIMITER = re.compile(
    r"\b(\w+)\s*(?::\s*[\w<>]+\s*)?=\s*(?:await\s+)?(?:new\s+)?[\w.]{0,40}?(?:limit|throttl|slow_?down|brute)\w*"
    r"\s*\(",
    re.IGNORECASE,
)
"""`const slow = rateLimit({ max: 10 })`"""


def routes_of(file: JavaScriptFile) -> RoutesOf | None:
    """None for a file that neither routes nor handles."""
    routes = (
        *_express_routes(file),
        *_next_routes(file),
        *_next_page_routes(file),
        *_next_actions(file),
        *_nest_routes(file),
    )
    handlers = tuple(_handlers(file))
    takers = tuple(takers_of(file))
    mounts = tuple(_mounts(file))
    limits = bool(LIMITS.search(file.source.text))
    limiters = frozenset(_LIMITER.findall(file.source.text)) if limits else frozenset()
    guards_all = tuple(_guarded_paths(file))
    session = next((file.head_span(call) for call in _sessions(file)), None)
    forged = _FORGED.search(file.source.text) is not None
    if not (routes or handlers or takers or mounts or limits or guards_all or forged):
        return None
    imports = tuple(_imports(file)) if routes or mounts else ()
    return RoutesOf(
        module_name(file.source.path),
        routes,
        mounts,
        handlers,
        takers,
        imports,
        limits,
        limiters,
        guards_all,
        session,
        forged,
    )


_BEGINS = re.compile(r"(!?)[\w.]{0,40}pathname\.startsWith\(\s*['\"`](/[\w/-]+)")
_MATCHER = re.compile(r"\bmatcher\s*:\s*(\[[^\]]{0,2000}\]|['\"`][^'\"`\n]{0,500}['\"`])")
_PLAIN_PATH = re.compile(r"['\"`](/[\w/-]*)(?:/?:\w+[*+?]?|/\(\.\*\))?['\"`]")


def _guarded_paths(file: JavaScriptFile) -> Iterator[str]:
    """A middleware of Next.js stands before what its matcher names; where that is no plain list, before everything."""
    text = file.source.text
    if _GUARDS_ALL.search(text):
        yield "/"
    elif _NEXT_MIDDLEWARE.search(file.source.path) and ASKS.search(text):
        matcher = _MATCHER.search(text)
        named = _BEGINS.findall(text)
        if matcher is None and named and all(not negated for negated, _ in named):
            yield from (path for _, path in named)
            return
        plain = _PLAIN_PATH.findall(matcher[1]) if matcher else []
        is_list = matcher is not None and len(plain) == len(re.findall(r"['\"`]/", matcher[1]))
        yield from plain if is_list and plain else ("/",)


def _sessions(file: JavaScriptFile) -> Iterator[Node]:
    """`app.use(session({...}))`"""
    for call in (*file.nodes(called("session")[0]), *file.nodes(called("cookieSession")[0])):
        given = arguments(call)
        if given and given[0].type == "object" and "." not in file.callee(call):
            yield call


def _express_routes(file: JavaScriptFile) -> Iterator[Route]:
    for verb in _VERBS:
        for call in file.nodes(called(verb)[0]):
            given = arguments(call)
            if len(given) < 2 or given[0].type not in ("string", "template_string"):
                continue
            path = file.text(given[0])[1:-1]
            receiver = file.callee(call).rpartition(".")[0]
            if not path.startswith(("/", "*")) or not receiver or receiver.rpartition(".")[2] in ("axios", "http"):
                continue
            *before, handler = given[1:]
            guards = tuple(file.text(node)[:100] for node in before)
            body = body_of(handler, file) if handler.type in FUNCTIONS else None
            name = file.text(handler)[:100] if body is None else ""
            if body is None and not re.fullmatch(r"[\w.]+(?:\([\w.]+\))?|\w+\((?:async )?\(.*", name, re.DOTALL):
                continue
            if name and handler.type == "call_expression":
                name, body = _wrapped(handler, file)
            yield Route(verb.upper(), path, file.head_span(call), guards, _of_class(name, call, file), body)


def _of_class(name: str, call: Node, file: JavaScriptFile) -> str:
    """`TicketController.list` for `controller.list`, where the text says what the controller is."""
    owner, _, method = name.removesuffix(".bind(this)").rpartition(".")
    if owner == "this":
        around = next((a for a in file.ancestors(call) if a.type.startswith("class")), None)
        return f"{file.text(around.child_by_field_name('name'))}.{method}" if around is not None else name
    if not owner.isidentifier():
        return name
    made = re.search(
        rf"\b{owner}\s*(?::\s*|=\s*(?:new\s+|(?:\w+\.)?(?:get|resolve|make)\(\s*))([A-Z]\w*)", file.source.text
    )
    return f"{made[1]}.{method}" if made else name


def _wrapped(call: Node, file: JavaScriptFile) -> tuple[str, Body | None]:
    """`asyncHandler(async (req, res) => ...)`"""
    given = arguments(call)
    if given and given[-1].type in FUNCTIONS:
        return "", body_of(given[-1], file)
    return (file.text(given[-1])[:100] if given else ""), None


_NEXT_FILE = re.compile(r"(?:^|/)app/(.*)/route\.[jt]sx?$")


def _next_routes(file: JavaScriptFile) -> Iterator[Route]:
    place = _NEXT_FILE.search("/" + file.source.path)
    if place is None:
        return
    for node in file.nodes("function_declaration"):
        name = file.text(node.child_by_field_name("name"))
        if name.lower() in _VERBS:
            yield Route(name, "/" + place[1], file.head_span(node), (), "", body_of(node, file))
    for node in file.nodes("variable_declarator"):
        name, value = file.text(node.child_by_field_name("name")), node.child_by_field_name("value")
        if name.lower() in _VERBS and value is not None and value.type == "call_expression":
            inner = next((given for given in arguments(value) if given.type in FUNCTIONS), None)
            if inner is not None:  # `export const DELETE = withUser(async (request) => ...)`
                guards = (file.callee(value)[:100],)
                yield Route(name, "/" + place[1], file.head_span(node), guards, "", body_of(inner, file))


_PAGES_FILE = re.compile(r"(?:^|/)pages/(api/.*)\.[jt]s$")
_UNSAFE_METHOD = re.compile(
    r"\bmethod\s*===?\s*['\"](POST|PUT|PATCH|DELETE)['\"]|\bcase\s+['\"](POST|PUT|PATCH|DELETE)['\"]"
)


def _next_page_routes(file: JavaScriptFile) -> Iterator[Route]:
    """`pages/api/users/[id].ts`: one function for all methods, told of as the first that changes something."""
    place = _PAGES_FILE.search("/" + file.source.path)
    exported = re.search(
        r"\bexport\s+default\s+(?:async\s+)?function\s+(\w+)|\bexport\s+default\s+(\w+)\s*;", file.source.text
    )
    if place is None or exported is None:
        return
    for node in file.nodes("function_declaration"):
        if file.text(node.child_by_field_name("name")) == (exported[1] or exported[2]):
            method = _UNSAFE_METHOD.search(file.text(node)[:8_000])
            name = method[1] if method is not None else "GET"
            yield Route(name, "/" + place[1], file.head_span(node), (), "", body_of(node, file))


_USE_SERVER = re.compile(r"\A(?:\s|//[^\n]*\n|/\*(?>[^*]|\*(?!/))*+\*/)*+['\"]use server['\"]")
"""Each comment in one way only: a file may begin with hundreds of them."""


def _next_actions(file: JavaScriptFile) -> Iterator[Route]:
    """Server actions: each exported function of such a file may be called by anybody, with what they like."""
    if not _USE_SERVER.search(file.source.text):
        return
    for node in file.nodes("function_declaration"):
        if node.parent is not None and node.parent.type == "export_statement":
            name = file.text(node.child_by_field_name("name"))
            yield Route("POST", f"/{name}", file.head_span(node), (), name, body_of(node, file, is_action=True))


def _nest_routes(file: JavaScriptFile) -> Iterator[Route]:
    """Methods of a controller: `@Delete(":id")`. The guards are decorators of the method or of its class."""
    for verb in _VERBS:
        for call in file.nodes(called(verb.capitalize())[0]):
            decorator = call.parent
            if decorator is None or decorator.type != "decorator":
                continue
            decorators, method = _decorated(decorator)
            if method is None:
                continue
            given = arguments(call)
            of_class = [file.text(node) for node in _class_decorators(method, file)]
            own = "/" + file.text(given[0])[1:-1].strip("/") if given else ""
            path = (_prefix(of_class) + own) or "/"
            texts = [*map(file.text, decorators), *of_class]
            guards = tuple(
                text[:100]
                for text in texts
                if re.match(r"@(?:UseGuards|Auth|Roles|Public|Private|Throttle|RateLimit)", text)
            )
            span = file.source.line_span(method.start_point.row + 1)
            name = file.text(method.child_by_field_name("name"))
            yield Route(verb.upper(), path, span, guards, name, body_of(method, file))


def _decorated(decorator: Node) -> tuple[list[Node], Node | None]:
    """All decorators of the method that this one stands before, and the method."""
    decorators = [decorator]
    before, after = decorator.prev_named_sibling, decorator.next_named_sibling
    while before is not None and before.type == "decorator":
        decorators.append(before)
        before = before.prev_named_sibling
    while after is not None and after.type == "decorator":
        decorators.append(after)
        after = after.next_named_sibling
    return decorators, after if after is not None and after.type == "method_definition" else None


def _class_decorators(method: Node, file: JavaScriptFile) -> list[Node]:
    around = [a for a in file.ancestors(method) if a.type in ("class_declaration", "export_statement")]
    return [child for node in around[:2] for child in node.named_children if child.type == "decorator"]


def _prefix(decorators: list[str]) -> str:
    """`/admin` of `@Controller("admin")`."""
    named = (re.match(r"@Controller\(\s*\{?[^'\"`]{0,40}['\"`]([\w/:.-]*)['\"`]", text) for text in decorators)
    prefix = next((match[1].strip("/") for match in named if match), "")
    return f"/{prefix}" if prefix else ""


def _mounts(file: JavaScriptFile) -> Iterator[Mount]:
    imported = dict(_imports(file))
    for call in file.nodes(called("use")[0]):
        given = arguments(call)
        path = file.text(given[0])[1:-1] if given and given[0].type == "string" else ""
        names = [_written(node, file) for node in given if node.type != "string"]
        if names:
            required = re.match(r"require\(['\"]([^'\"]+)", names[-1])
            target = imported_name(file.source.path, required[1]) if required else imported.get(names[-1], "")
            yield Mount(path, tuple(names), target)
    yield from _fastify_mounts(file, imported)


_MIDDLEWARE_HEAD = 1_000
"""Characters of a function that stands before routes, in which it says whom it turns away."""


def _written(node: Node, file: JavaScriptFile) -> str:
    return file.text(node)[: _MIDDLEWARE_HEAD if node.type in FUNCTIONS else 200]


_BEFORE_HANDLERS = frozenset({"onRequest", "preParsing", "preValidation", "preHandler"})


def _fastify_mounts(file: JavaScriptFile, imported: dict[str, str]) -> Iterator[Mount]:
    """`app.addHook("preHandler", authenticate)` is before all routes of its plugin, and of those registered in it."""
    for call in file.nodes(called("addHook")[0]):
        given = arguments(call)
        if len(given) == 2 and file.text(given[0])[1:-1] in _BEFORE_HANDLERS:
            yield Mount("", (_written(given[1], file),), "")
    for call in file.nodes(called("register")[0]):
        given = arguments(call)
        if given and given[0].type == "identifier" and file.text(given[0]) in imported:
            prefix = re.search(r"\bprefix:\s*['\"`](/[^'\"`]*)", file.text(given[1])[:200]) if len(given) > 1 else None
            yield Mount(prefix[1] if prefix else "", (file.text(given[0]),), imported[file.text(given[0])])


_REQUIRE = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*=\s*require\(\s*['\"](\.[^'\"]*)['\"]\s*\)")
_IMPORT = re.compile(
    r"\bimport\s+(?:(\w+)|\*\s+as\s+(\w+)|\{([^}]{1,1000})\})\s+from\s+['\"]((?:\.|[@~#]/)[^'\"]*)['\"]"
)


def _imports(file: JavaScriptFile) -> Iterator[tuple[str, str]]:
    path = file.source.path
    for hit in _REQUIRE.finditer(file.source.text):
        yield hit[1], imported_name(path, hit[2])
    for hit in _IMPORT.finditer(file.source.text):
        for name in [hit[1] or hit[2]] if hit[3] is None else hit[3].split(","):
            yield name.strip().rpartition(" ")[2], imported_name(path, hit[4])


def _handlers(file: JavaScriptFile) -> Iterator[tuple[str, Body]]:
    """Functions of requests that have a name: declared, assigned to a variable, or to what is exported."""
    for kind, key, value in (
        ("function_declaration", "name", ""),
        ("variable_declarator", "name", "value"),
        ("assignment_expression", "left", "right"),
        ("pair", "key", "value"),
        ("public_field_definition", "name", "value"),
        ("field_definition", "property", "value"),
        ("method_definition", "name", ""),
    ):
        for node in file.nodes(kind):
            function = node.child_by_field_name(value) if value else node
            if function is None or function.type not in FUNCTIONS:
                continue
            given = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
            if given is not None and _HANDLER_PARAMETERS.match(file.text(given)[:20]):
                name, body = file.text(node.child_by_field_name(key)).rpartition(".")[2], body_of(function, file)
                yield name, body
                cls = node.parent.parent if node.parent is not None and node.parent.type == "class_body" else None
                if cls is not None:
                    yield f"{file.text(cls.child_by_field_name('name'))}.{name}", body
