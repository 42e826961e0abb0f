"""Routes of Java: Spring's controllers and its security's matchers, JAX-RS resources, servlets and their filters."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.web.facts import PathRule, Registration, Sign
from server.analysis.web.lowered.body import Requests, chain, text_of, walk
from server.analysis.web.lowered.outline import Defined, Outline, Routes, Routing, guard_of, texts_of
from server.analysis.web.lowered.words import OWNER_FIELD, snake

REQUESTS = Requests(
    names=frozenset(),
    parts=frozenset(
        {"getParameter", "getParameterMap", "getParameterValues", "getHeader", "getPathInfo", "getQueryString"}
        | {
            "getInputStream",
            "getReader",
            "getPart",
            "getParts",
            "getCookies",
            "pathVariable",
            "queryParam",
            "bodyToMono",
        }
        | {
            "formData",
            "getRequestURI",
            "multipartData",
            "getPathParameters",
            "getQueryParameters",
            "pathParam",
            "param",
        }
    ),
    holders=frozenset({"request", "req", "httpRequest", "httpServletRequest", "servletRequest", "exchange", "ctx"}),
)
_MAPPINGS = {
    "GetMapping": "GET",
    "PostMapping": "POST",
    "PutMapping": "PUT",
    "PatchMapping": "PATCH",
    "DeleteMapping": "DELETE",
    "RequestMapping": "",
}
_RESOURCES = {"GET": "GET", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE"}
_SERVLETS = {"doGet": "GET", "doPost": "POST", "doPut": "PUT", "doDelete": "DELETE", "doPatch": "PATCH"}
_NOT_FILLED = re.compile(
    r"(?:Request|Response|Session|Model|ModelMap|ModelAndView|BindingResult|Errors|RedirectAttributes|Locale|Pageable"
    r"|UriComponentsBuilder|Writer|OutputStream|UriInfo|HttpHeaders|AsyncResponse|ServerWebExchange|SessionStatus)$"
)
_GUARDS = re.compile(
    r"(?:PreAuthorize|PostAuthorize|Secured|RolesAllowed|DenyAll|PermitAll|Authenticated|RequiresRoles|RequiresPermissions"
    r"|RequiresAuthentication|SaCheck\w+|Require\w+|Is\w+|Has\w+|\w*Auth\w*|\w*Role\w*|\w*Permission\w*|\w*Login\w*"
    r"|\w*RateLimit\w*|Public\w*|Anonymous\w*|(?:Admin|Staff|Manager|Moderator|SuperUser)(?:Only|Required))$"
)
_ENTITIES = frozenset({"Entity", "Document", "Table", "MappedSuperclass", "TableName", "RedisHash"})


def fills(one: Defined, outline: Outline) -> frozenset[str] | None:
    function = one.function
    if function.name in _SERVLETS and any("Request" in _type(param) for param in function.params):
        return frozenset()
    if not any(_method(decorator) is not None for decorator in function.decorators):
        return None
    return frozenset(
        param.name
        for param in function.params
        if not _NOT_FILLED.search(_type(param))
        and not any("AuthenticationPrincipal" in chain(d) for d in param.decorators)
    )


def _type(param: p.Param) -> str:
    return chain(param.annotation) if param.annotation is not None else ""


def _method(decorator: p.Expr) -> str | None:
    """The method that a mapping is for; "" for any; None for what is no mapping."""
    last = chain(decorator).rpartition(".")[2]
    if last in _RESOURCES:
        return _RESOURCES[last]
    if last == "RequestMapping" and isinstance(decorator, p.Call):
        named = [
            n.name for _, v in decorator.keywords for n in walk(v) if isinstance(n, p.Attr) and n.name in _RESOURCES
        ]
        named += [n.id for _, v in decorator.keywords for n in walk(v) if isinstance(n, p.Name) and n.id in _RESOURCES]
        return named[0] if named else ""
    return _MAPPINGS.get(last)


def _path(decorators: list[p.Expr]) -> str:
    for decorator in decorators:
        last = chain(decorator).rpartition(".")[2]
        if isinstance(decorator, p.Call) and (last in _MAPPINGS or last in ("Path", "WebServlet", "WebFilter")):
            given = [*decorator.args]
            given += [value for key, value in decorator.keywords if key in ("value", "path", "urlPatterns")]
            found = [text for value in given for text in texts_of(value)]
            if found:
                return "/" + found[0].strip("/")
    return ""


def routes(outline: Outline) -> Routes:
    found = Routes()
    if outline.imports_any("org.springframework"):
        found.frameworks.add("spring")
    for cls in outline.classes:
        _of_class(cls, outline, found)
    for one in outline.functions:
        found.path_rules += _matchers(one.function)
        found.hooks += _interceptors(one.function)
    return found


def _of_class(cls: p.Class, outline: Outline, found: Routes) -> None:
    names = {chain(decorator).rpartition(".")[2] for decorator in cls.decorators}
    prefix = _path(cls.decorators)
    above = [guard_of(d) for d in cls.decorators if _GUARDS.search(chain(d))]
    is_client = "FeignClient" in names or "RegisterRestClient" in names or "HttpExchange" in names
    is_handling = bool(names & {"RestController", "Controller", "Path", "RequestMapping", "ResponseBody"})
    for function in outline.methods(cls):
        if function.name in _SERVLETS and any("Request" in _type(param) for param in function.params):
            found.frameworks.add("servlet")
            method = frozenset({_SERVLETS[function.name]})
            found.registrations.append(_registration(cls, prefix, method, function, above, outline))
        for decorator in function.decorators:
            method_name = _method(decorator)
            if method_name is None or is_client or not (is_handling or chain(decorator) in _MAPPINGS):
                continue
            guards = above + [guard_of(d) for d in function.decorators if _GUARDS.search(chain(d))]
            guards += [chain(d) for param in function.params for d in param.decorators if "Principal" in chain(d)]
            methods = frozenset({method_name}) if method_name else frozenset[str]()
            path = prefix.rstrip("/") + _path(function.decorators)
            found.registrations.append(_registration(cls, path, methods, function, guards, outline))
            break
    if any(chain(base).endswith("Filter") for base in cls.bases) and "WebFilter" in names and prefix:
        found.hooks.append((_ant(prefix), f"{cls.name}.doFilter"))


def _registration(
    cls: p.Class, path: str, methods: frozenset[str], function: p.Function, guards: list[str], outline: Outline
) -> Registration:
    span = outline.source.line_span(function.line)
    return Registration(cls.name, path, methods, f"{cls.name}.{function.name}", span, tuple(guards))


# Spring Security

_ASKED = {
    "permitAll": Sign.NONE,
    "anonymous": Sign.NONE,
    "authenticated": Sign.WHO,
    "fullyAuthenticated": Sign.WHO,
    "rememberMe": Sign.WHO,
    "denyAll": Sign.WHO | Sign.ROLE,
    "hasRole": Sign.WHO | Sign.ROLE,
    "hasAnyRole": Sign.WHO | Sign.ROLE,
    "hasAuthority": Sign.WHO | Sign.ROLE,
    "hasAnyAuthority": Sign.WHO | Sign.ROLE,
    "access": Sign.WHO | Sign.ROLE,
    "hasIpAddress": Sign.WHO | Sign.ROLE,
}
_MATCHERS = frozenset(
    {"requestMatchers", "antMatchers", "mvcMatchers", "pathMatchers", "regexMatchers", "anyRequest", "anyExchange"}
)


def _matchers(function: p.Function) -> list[PathRule]:
    """`.requestMatchers("/api/**").hasRole("ADMIN")`: in the order in which they are written."""
    rules = []
    for node in walk(*function.body):
        if not isinstance(node, p.Call) or not isinstance(node.callee, p.Attr) or node.callee.name not in _ASKED:
            continue
        base = node.callee.base
        if isinstance(base, p.Call) and isinstance(base.callee, p.Attr) and base.callee.name in _MATCHERS:
            asked = _ASKED[node.callee.name]
            if node.callee.name == "access" and "permitAll" in " ".join(text_of(n) for n in walk(*node.args)):
                asked = Sign.NONE
            rules.append((base, asked))
    rules.reverse()  # A chain's outermost call is the last that was written.
    return [rule for base, asked in rules for rule in _rules(base, asked)]


def _interceptors(function: p.Function) -> Iterator[tuple[str, str]]:
    """`registry.addInterceptor(new Login()).addPathPatterns("/admin/**").excludePathPatterns("/admin/login")`."""
    for node in walk(*function.body):
        if not isinstance(node, p.Call) or not chain(node.callee).endswith("addInterceptor") or not node.args:
            continue
        given = node.args[0]
        name = chain(given).rpartition(".")[2]
        listed = {"addPathPatterns": list[str](), "excludePathPatterns": list[str]()}
        for other in walk(*function.body):
            if not isinstance(other, p.Call) or not isinstance(other.callee, p.Attr):
                continue
            if other.callee.name in listed and any(inner is node for inner in walk(other.callee)):
                listed[other.callee.name] += [_ant(t) for a in other.args for n in walk(a) for t in texts_of(n)]
        patterns = "|".join(listed["addPathPatterns"]) or ".*"
        excepted = "|".join(listed["excludePathPatterns"])
        shown = f"(?:{patterns})"
        yield (f"/?(?!(?:{excepted})$){shown}" if excepted else f"/?{shown}"), f"{name[:1].upper()}{name[1:]}.preHandle"


def _rules(matcher: p.Call, asked: Sign) -> Iterator[PathRule]:
    methods = frozenset(n.name for n in walk(*matcher.args) if isinstance(n, p.Attr) and n.name in _RESOURCES)
    texts = [text for argument in matcher.args for n in walk(argument) for text in texts_of(n)]
    if chain(matcher.callee).rpartition(".")[2] in ("anyRequest", "anyExchange") or (methods and not texts):
        texts = ["/**"]
    for text in dict.fromkeys(texts):
        yield PathRule(_ant(text), methods, asked, is_first=True)


_MOST_STARS = 6
"""A pattern with more would take long to try, and nobody writes one."""


def _ant(pattern: str) -> str:
    """A pattern with `**`, `*` and `{id}` as a regular expression."""
    text = "/" + pattern.strip().lstrip("/")
    if text.count("*") > _MOST_STARS:
        return re.escape(text)
    made = re.escape(text).replace(r"/\*\*", "(?:/.*)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.sub(r"\\\{[^/]*?\\\}", "[^/]+", made)


def models(outline: Outline) -> Iterator[tuple[str, bool]]:
    for cls in outline.classes:
        if not {chain(d).rpartition(".")[2] for d in cls.decorators} & _ENTITIES:
            continue
        owned = False
        for statement in cls.body:
            if isinstance(statement, p.Assign) and statement.annotation is not None:
                kind = snake(chain(statement.annotation).rpartition(".")[2])
                names = [snake(target.id) for target in statement.targets if isinstance(target, p.Name)]
                owned = owned or any(OWNER_FIELD.match(name) for name in (*names, kind))
        yield snake(cls.name).removesuffix("_entity"), owned


ROUTING = Routing(REQUESTS, fills, routes, models)
