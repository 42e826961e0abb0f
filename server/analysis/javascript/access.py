"""Routes of Express, Nest and Next.js that ask less of their callers than they should, judged by their siblings.

A handler may be a function of another file; a guard may stand where the router is mounted.
"""

import re
from collections.abc import Iterator, Mapping

from server.analysis.budget import Budget
from server.analysis.javascript.access_examples import BAD, GOOD
from server.analysis.javascript.bodies import ASKS, Body
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.routes import LIMITS, Mount, Route, RoutesOf, routes_of
from server.analysis.project import Found, ProjectCheck
from server.analysis.rule import Hit, Problem, Rule
from server.analysis.source import Span
from server.analysis.web.authentication import MISSING_AUTHENTICATION, MISSING_ROLE_CHECK
from server.analysis.web.forgery import CHANGE_BY_GET, NO_CSRF_PROTECTION
from server.analysis.web.ownership import FOREIGN_OBJECT
from server.analysis.web.throttling import UNLIMITED_ATTEMPTS
from server.analysis.web.webhooks import UNSIGNED_WEBHOOK
from server.analysis.web.words import ADMIN, PERSONAL, PUBLIC
from server.reviews.finding import Confidence, Severity

_GUARD = re.compile(
    r"auth|log_?in|logged|signed|session|require|ensure|protect|verify|guard|jwt|passport|admin|permit|role|access|token"
    r"|allow|restrict|can\b|authorize|authoris",
    re.IGNORECASE,
)
_NO_GUARD = re.compile(
    r"^(?:express|body|cookie|cors|helmet|morgan|multer|upload|compress|session\(|rate|limit|valid|csrf"
    r"|(?:allow|enable)_?(?:cors|cross))",
    re.I,
)
_FUNCTION = re.compile(r"(?:async\b\s*)?(?:function\b|\w+\s*=>|\([^()]{0,200}\)\s*=>)")
_REFUSES = re.compile(
    r"\b40[13]\b|\bredirect\(|\bthrow\b|\bnext\(\s*(?:new\b|\w)|unauthori[sz]ed|forbidden|\.(?:json|send|end)\(", re.I
)
"""What a guard does that is written where it is used: whom it does not know it answers itself."""
_ROLE = re.compile(
    r"admin|role|permit|staff|authori[sz]e|moderator|owner|can\b|ability|scope|permission|operator|manager",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(r"protect\(|allow|restrict|access|secure", re.IGNORECASE)
"""A guard that may well ask for a role."""
_LOGIN = re.compile(r"(?:log-?_?in|sign-?_?in|authenticate|auth|token|session|sessions)/?$", re.IGNORECASE)
_LOGIN_NAME = re.compile(r"log_?in|sign_?in|authenticate", re.IGNORECASE)
_SHARED = re.compile(
    r"post|article|blog|page|product|item|categor|tag|movie|book|event|comment|review|public", re.IGNORECASE
)


class Site:
    """All routes of a project, with what is before them."""

    def __init__(self, facts: Mapping[str, RoutesOf]) -> None:
        self.facts = facts
        self.handlers: dict[tuple[str, str], tuple[str, Body | None]] = {
            (fact.module, name): (path, body) for path, fact in facts.items() for name, body in fact.handlers
        }
        self._refusing = {
            name: body.asks and body.refuses and not (body.acts or body.password)
            for fact in facts.values()
            for name, body in fact.handlers
            if "." not in name
        }
        self._by_class = {
            name: (path, body) for path, fact in facts.items() for name, body in fact.handlers if "." in name
        }
        self._takers: dict[str, bool] = {}
        for fact in facts.values():
            for name, changes in fact.takers:
                self._takers[name] = changes or self._takers.get(name, False)
        self.mounts: dict[str, list[tuple[Mount, tuple[str, ...]]]] = {}
        for fact in facts.values():
            general = _guards_for_all(fact)
            for mount in fact.mounts:
                if mount.target:
                    self.mounts.setdefault(mount.target, []).append((mount, general))
        self._limiters = frozenset[str]().union(*(fact.limiters for fact in facts.values()))
        self.limits = any(fact.limits for fact in facts.values()) and not self._limits_some()
        self._guarded_paths = tuple({path.rstrip("/") for fact in facts.values() for path in fact.guards_all})
        bodies = [(route, fact, self.handler(route, fact)[1]) for fact in facts.values() for route in fact.routes]
        self.asking = sum(body is not None and body.asks for _, _, body in bodies)
        self.has_users = any(
            self.guards(route, fact) or ((body := self.handler(route, fact)[1]) and (body.asks or body.password))
            for fact in facts.values()
            for route in fact.routes
        )

    def handler(self, route: Route, fact: RoutesOf) -> tuple[str, Body | None]:
        """What the handler does, and the file that it stands in, "" for that of the route."""
        if route.body is not None:
            return "", route.body
        if route.handler in self._by_class:
            return self._by_class[route.handler]
        owner, _, name = route.handler.rpartition(".")
        imports = dict(fact.imports)
        own = self.handlers.get((fact.module, name)) if not owner else None
        return own or self.handlers.get((imports.get(owner or name, fact.module), name)) or ("", None)

    def guards(self, route: Route, fact: RoutesOf) -> list[str]:
        before = [*route.guards, *_guards_for_all(fact)]
        for mount, general in self.mounts.get(fact.module, ()):
            before += (*mount.guards[:-1], *general)
        return [guard for guard in before if _is_guard(guard) or self._is_guard_by_code(guard)]

    def _is_guard_by_code(self, guard: str) -> bool:
        """`{ preHandler: known }`, whatever it is called: a function of the project that turns strangers away."""
        if _FUNCTION.match(guard) or _NO_GUARD.match(guard):
            return False
        named = (self._refusing.get(name) for name in re.findall(r"[A-Za-z_$][\w$]*", guard))
        return any(named)

    def _limits_some(self) -> bool:
        """Whether limiters stand before single routes or paths, and before no whole program."""
        mounts = [(m.path, g) for fact in self.facts.values() for m in fact.mounts for g in m.guards]
        if any(path in ("", "/", "/api") and self._is_limiter(guard) for path, guard in mounts):
            return False
        routes = (g for fact in self.facts.values() for route in fact.routes for g in route.guards)
        return any(map(self._is_limiter, routes)) or any(self._is_limiter(guard) for _, guard in mounts)

    def _is_limiter(self, guard: str) -> bool:
        return LIMITS.search(guard) is not None or not self._limiters.isdisjoint(re.findall(r"\w+", guard))

    def is_limited(self, route: Route, fact: RoutesOf, address: str) -> bool:
        if self.limits or any(map(self._is_limiter, route.guards)):
            return True
        before = [(mount.path, guard) for mount in fact.mounts for guard in mount.guards]
        for mount, general in self.mounts.get(fact.module, ()):
            before += ((mount.path, guard) for guard in (*mount.guards[:-1], *general))
        before += ((m.path, g) for other in self.facts.values() for m in other.mounts if m.path for g in m.guards)
        return any(self._is_limiter(guard) and address.startswith(path) for path, guard in before)

    def is_guarded(self, route: Route, address: str) -> bool:
        """Whether something stands before it that is said for a whole program, and this route is not let out."""
        if any(guard.startswith("@Public") for guard in route.guards):
            return False
        return any(f"{address}/".startswith(f"{path}/") for path in self._guarded_paths)

    def taken(self, body: Body) -> tuple[Span | None, bool]:
        """Where an object is taken by a key of the request, if need be by a service; whether it is changed there."""
        if body.by_key is not None or body.owns:
            return body.by_key, body.acts
        handed = ((span, self._takers[name]) for name, span in body.hands if name in self._takers)
        return next(handed, (None, False))

    def path(self, route: Route, fact: RoutesOf) -> str:
        """With where its router is mounted."""
        prefix = next((mount.path for mount, _ in self.mounts.get(fact.module, ()) if mount.path not in ("", "/")), "")
        return prefix.rstrip("/") + route.path


def _guards_for_all(fact: RoutesOf) -> tuple[str, ...]:
    """`router.use(requireLogin)`"""
    return tuple(g for mount in fact.mounts if not mount.target and mount.path in ("", "/") for g in mount.guards)


def _is_guard(text: str) -> bool:
    if _FUNCTION.match(text):
        return bool(ASKS.search(text) and _REFUSES.search(text))
    return bool(_GUARD.search(text)) and not _NO_GUARD.match(text)


def conclude(facts: Mapping[str, RoutesOf], budget: Budget) -> Iterator[Found]:
    site = Site(facts)
    yield from _forgeries(facts)
    has_sessions = any(fact.session is not None for fact in facts.values())
    for path, fact in facts.items():
        budget.spend()
        known = [(route, *site.handler(route, fact), site.guards(route, fact)) for route in fact.routes]
        guarded = sum(bool(guards) or (body is not None and body.asks) for _, _, body, guards in known)
        bare = sum(not guards and body is not None and _needs_guard(route, body) for route, _, body, guards in known)
        owned = any(
            body.owns for _, _, body, _ in known if body is not None and (body.by_key is not None or body.hands)
        )
        for route, where, body, guards in known:
            if body is None:
                continue
            address = site.path(route, fact)
            if has_sessions and _changes_by_link(route, body, bool(guards)):
                yield _found(path, CHANGE_BY_GET, route, f"A GET of {address} changes data")
            is_guarded = site.is_guarded(route, address)
            if _takes_events(route, address) and body.acts and not (guards or body.verifies or is_guarded):
                message = f"Nobody asks who calls {address}: no signature is looked at"
                yield _found(path, UNSIGNED_WEBHOOK, route, message)
            elif _is_login(route, body) and not body.limits and not site.is_limited(route, fact, address):
                yield _found(path, UNLIMITED_ATTEMPTS, route, "Passwords can be tried here without end")
            elif ADMIN.search(address):
                yield from _administrative(path, route, body, guards, site, address)
            elif (
                not guards
                and not is_guarded
                and (_stands_out(route, guarded, bare) or _is_alone(route, path, site))
                and _needs_guard(route, body)
            ):
                message = f"Anybody may {route.method} {route.path}: other routes here have a guard"
                yield _found(path, MISSING_AUTHENTICATION, route, message)
            elif guards or body.asks or is_guarded:
                yield from _foreign(path, where, route, body, guards, site.taken(body), owned)


def _administrative(
    path: str, route: Route, body: Body, guards: list[str], site: Site, address: str
) -> Iterator[Found]:
    acts = body.acts or body.stores or route.method != "GET"
    if site.is_guarded(route, address) or not site.has_users or not acts or body.password:
        return
    if not guards and not body.asks and not body.ranks:
        message = f"Anybody may {route.method} {address}, though it is administrative"
        yield _found(path, MISSING_AUTHENTICATION, route, message, severity=Severity.CRITICAL)
    elif not body.ranks and not any(_ROLE.search(guard) or _UNCLEAR.search(guard) for guard in guards):
        message = f"{address} is administrative, but only asks for a login, not for a role"
        yield _found(path, MISSING_ROLE_CHECK, route, message)


def _forgeries(facts: Mapping[str, RoutesOf]) -> Iterator[Found]:
    """Sessions in cookies, routes that change something, and no word of forged requests in the whole project."""
    if any(fact.forged for fact in facts.values()):
        return
    changes = sum(route.method != "GET" for fact in facts.values() for route in fact.routes)
    for path, fact in facts.items():
        if fact.session is not None and changes >= _MANY_CHANGES:
            message = "Other sites can send requests in the name of whoever is logged in: nothing tells them apart"
            yield Found(path, Problem(NO_CSRF_PROTECTION, Hit(fact.session, message, confidence=Confidence.MEDIUM)))


_MANY_CHANGES = 2
_NEAR = 8
"""Lines behind a route's first at which what it does may still be told of there."""


def _is_login(route: Route, body: Body) -> bool:
    named = _LOGIN.search(route.path) or _LOGIN_NAME.search(route.handler)
    return route.method == "POST" and body.password and bool(named)


_SAYS_CHANGE = re.compile(
    r"(?:^|[/_-])(?:delete|remove|destroy|disable|enable|approve|reject|ban|unban|promote|demote|close|cancel|transfer|activate"
    r"|deactivate|toggle|update|archive|revoke|grant|withdraw)(?:$|[/_:-])",
    re.IGNORECASE,
)


def _changes_by_link(route: Route, body: Body, is_guarded: bool) -> bool:
    return (
        route.method == "GET"
        and body.acts
        and (is_guarded or body.asks)
        and _SAYS_CHANGE.search(route.path) is not None
    )


def _stands_out(route: Route, guarded: int, bare: int) -> bool:
    """Among *guarded* siblings, as one of *bare* that change things without a guard."""
    return guarded >= max(bare, 1 if route.method in ("PUT", "PATCH", "DELETE") else 2)


_NEXT = re.compile(r"(?:^|/)(?:app/.*/route|pages/api/.*)\.[jt]sx?$")


def _is_alone(route: Route, path: str, site: Site) -> bool:
    """Of Next.js each file is one address: its siblings are those of the whole program, where users are known."""
    return route.method != "GET" and _NEXT.search(path) is not None and site.asking >= _KNOWN_USERS


_KNOWN_USERS = 2
"""Routes that ask who is there, from which on a program is one for users."""

_EVENTS = re.compile(
    r"web_?-?hook|(?:^|[/_])hooks?(?:[/_.]|$)|(?:stripe|paypal|payment|pay)[/_-]?(?:callback|notify|event)", re.I
)
_REGISTERS = re.compile(r"/web_?-?hooks?/?(?::\w+|\[\w+\])?$|hooks/new", re.IGNORECASE)


def _takes_events(route: Route, address: str) -> bool:
    return (
        route.method == "POST"
        and _EVENTS.search(address) is not None
        and not (_REGISTERS.search(address) and address.rstrip("/").endswith("s"))
    )


def _needs_guard(route: Route, body: Body) -> bool:
    if body.asks or body.password or not body.acts:
        return False
    if route.method in ("PUT", "PATCH", "DELETE"):
        return True
    return route.method == "POST" and not PUBLIC.search(f"{route.path} {route.handler}")


def _foreign(
    path: str, where: str, route: Route, body: Body, guards: list[str], taken: tuple[Span | None, bool], owned: bool
) -> Iterator[Found]:
    """Behind a login, but not behind a role: an object by its key, and nobody asks whose it is. *owned*: other routes
    of the file ask that of theirs. A handler that stands in another file is told of there.
    """
    by_key, acts = taken
    if (
        by_key is None
        or body.owns
        or body.ranks
        or any(_ROLE.search(guard) for guard in guards)
        or "admin" in route.path
    ):
        return
    changes = route.method in ("PUT", "PATCH", "DELETE") or (route.method == "POST" and acts)
    is_personal = owned or PERSONAL.search(route.path + path)
    if not changes and (not is_personal or _SHARED.search(route.path)):
        return
    message = f"Any user may {'change' if changes else 'read'} what {route.path} names, whoever's it is"
    severity = Severity.HIGH if changes else Severity.MEDIUM
    span = by_key if where or by_key.start_line - route.span.start_line > _NEAR else route.span
    hit = Hit(span, message, severity=severity, confidence=Confidence.MEDIUM)
    yield Found(where or path, Problem(FOREIGN_OBJECT, hit))


def _found(path: str, rule: Rule, route: Route, message: str, severity: Severity | None = None) -> Found:
    return Found(path, Problem(rule, Hit(route.span, message, severity=severity, confidence=Confidence.MEDIUM)))


ACCESS: ProjectCheck[RoutesOf] = ProjectCheck(
    name="access in JavaScript",
    rules=(
        *(MISSING_AUTHENTICATION, MISSING_ROLE_CHECK, FOREIGN_OBJECT, UNLIMITED_ATTEMPTS, NO_CSRF_PROTECTION),
        *(UNSIGNED_WEBHOOK, CHANGE_BY_GET),
    ),
    reads=(JavaScriptFile,),
    extract=routes_of,
    conclude=conclude,
    bad=BAD,
    good=GOOD,
)
