"""The routes of a project in a language that the flow engine lowers: what stands before each, from wherever it is
said.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from server.analysis.budget import Budget
from server.analysis.language import Language
from server.analysis.web.facts import (
    Act,
    Fetch,
    Filter,
    Function,
    PathRule,
    Registration,
    Router,
    Sign,
)
from server.analysis.web.lowered.application import LoweredApplication
from server.analysis.web.lowered.words import AUTHENTICATES, GUARDED_FIELD, snake
from server.analysis.web.route import Route, Site
from server.analysis.web.words import AUTHENTICATION, LIMITER, NOT_AUTHENTICATION, ROLE

_TOLD = Sign.WHO | Sign.ROLE | Sign.LIMITS | Sign.OWNER | Sign.MACHINE | Sign.COOKIE | Sign.BEARER
_OPEN = re.compile(r"^(?:PermitAll|AllowAnonymous|Public\w*|Anonymous\w*|guest)\b|permitAll|isAnonymous")
_MIDDLEWARE = ("handle", "process", "__invoke", "call", "preHandle", "doFilter", "doFilterInternal", "before", "filter")
_NOT_A_GUARD = re.compile(
    r"^(?:guest|web|api|bindings|log\w*|cors|recover\w*|gzip|compress\w*|csrf\w*|request_?id|real_?ip|throttle|cache\w*"
    r"|verify_authenticity_token|protect_from_forgery|set_locale|set_\w+|load_\w+|content_type|secure_headers|helmet"
    r"|encrypt_cookies|start_session|sessions?|session_middleware|share_errors\w*|trim\w*|trust\w*|signed)$"
)
_LIMITING = re.compile(r"httprate|limit_?by|limit_?req|tollbooth|rate_?limit|RateLimit|throttle|Limiter", re.IGNORECASE)
_REQUEST_FILTER = re.compile(r"(?:Filter|FilterBean|HandlerInterceptor\w*|Interceptor|WebFilter|GatewayFilter)$")
_MOST_FILTERS = 200
"""Of one file: each is asked for each route of its class."""
_LOADS = re.compile(r"^(?:set|load|fetch|find|assign|init|prepare)_")


class LoweredSite(Site):
    def __init__(self, app: LoweredApplication, budget: Budget) -> None:
        super().__init__(app)
        self._app = app
        self._budget = budget
        self._asked: dict[tuple[str, str, str], Sign] = {}
        self.limits_all = self._limits_all()
        self.routes = list(self._all())

    def program(self, path: str) -> str:
        """Of several programs of Java, each has its own sources."""
        before, marker, _ = path.partition("src/main/")
        return before if marker else ""

    def takes_apart(self, name: str, path: str) -> bool:
        """Whether nothing of the class is dangerous to set."""
        word = snake(name)
        fields = [
            snake(field) for where, cls in self.app.classes() if snake(cls.name) == word for field in cls.attributes
        ]
        is_kept = any(word in facts.owned | facts.unowned for facts in self.app.files.values())
        is_struct = any(facts.language is Language.GO for facts in self.app.files.values())
        return not (is_kept or is_struct) or not any(GUARDED_FIELD.match(field) for field in fields)

    def _limits_all(self) -> bool:
        """Some library counts every request, or is set up where no route shows it."""
        for path, facts in self.app.files.items():
            if any(
                re.search(r"bucket4j|resilience4j|rack.?attack|RateLimiterFactory", name, re.I)
                for name in facts.imports
            ):
                return True
            for owner, hook in facts.hooks:
                if self._guard(hook, path) & Sign.LIMITS and not owner:
                    return True
        return any(re.search(r"rack_attack|rack-attack|Rack\.Attack", path, re.I) for path in self.app.files) or any(
            name in ("tooManyAttempts", "too_many_attempts", "tryConsume", "try_consume") for name in self.app.called
        )

    def _all(self) -> Iterator[Route]:
        seen: set[tuple[str, str, int]] = set()
        for path, facts in self.app.files.items():
            self._budget.spend()
            for registration in facts.registrations:
                self._budget.spend()
                route = self._route(registration, path)
                if route is None:
                    continue
                key = (route.file, route.name, route.head.start_line)
                if key not in seen:
                    seen.add(key)
                    yield route
        yield from self._unregistered({(path, name.rpartition(".")[0]) for path, name, _ in seen})

    def _unregistered(self, known: set[tuple[str, str]]) -> Iterator[Route]:
        """PHP: the methods of controllers that no file of the project routes to."""
        for path, cls in self.app.classes():
            if self.app.files[path].language is not Language.PHP or (path, cls.name) in known:
                continue
            for method in cls.methods:
                for function in self.app.functions_here(path, f"{cls.name}.{method}"):
                    if function.is_handler:
                        handler = f"{cls.name}.{method}"
                        route = self._route(Registration(cls.name, "", frozenset(), handler, function.head), path)
                        if route is not None:
                            route.is_registered = False
                            yield route

    def _route(self, registration: Registration, path: str) -> Route | None:
        found = self._handler(registration, path)
        if found is None:
            return None
        where, function, class_name = found
        guards = Sign.NONE
        is_open = False
        for guard in registration.guards:
            guards |= self._guard(guard, path)
            is_open = is_open or _OPEN.search(guard) is not None
        asked, is_permitted = self._of_paths(registration)
        loaded: tuple[Fetch, ...] = ()
        if class_name:
            filtered, is_skipped, loaded = self._of_filters(class_name, function, where)
            guards |= filtered
            is_permitted = is_permitted or is_skipped
        mounted, prefix = self._of_mounts(registration, path)
        guards |= asked | mounted
        cls = self.app.class_(class_name, where) if class_name else None
        signs = self.app.signs(function, where)
        facts = self.app.files[where]
        frameworks = self.app.frameworks | facts.frameworks
        route = Route(
            prefix.rstrip("/") + registration.path,
            registration.methods,
            where,
            function,
            cls[1] if cls else None,
            registration.owner,
            frameworks,
            signs,
            guards,
        )
        route.registered = (path, registration.span)
        route.open_on_purpose = is_open
        route.is_registered = not self._is_guarded_elsewhere(route, where)
        route.allows_any = is_permitted
        route.fetches = loaded
        self.fill_effects(route)
        return route

    def _handler(self, registration: Registration, path: str) -> tuple[str, Function, str] | None:
        if "." in registration.handler:
            method = self._app.method_of(registration.handler, path)
            if method is not None:
                return method
        found = self.app.function(registration.handler, path)
        if found is None:
            return None
        return found[0], found[1], found[1].qualified.rpartition(".")[0]

    def _is_guarded_elsewhere(self, route: Route, path: str) -> bool:
        """What asks who is there may be in a configuration, or in a controller that the project does not have."""
        if "symfony" in route.framework:
            return True
        if "rails" not in route.framework or route.cls is None:
            return False
        bases = {base for _, cls in self.app.family(route.cls.name, path) for base in cls.bases}
        return not any(base.startswith(("ActionController.", "ActionController::")) for base in bases)

    # Guards

    def _guard(self, guard: str, path: str, within: str = "") -> Sign:
        """What something that stands before routes asks: by its code where the project has it, else by its name."""
        key = (guard, path, within)
        if key not in self._asked:
            self._asked[key] = self._asked_by(guard, path, within)
        return self._asked[key]

    def _asked_by(self, guard: str, path: str, within: str) -> Sign:
        name, _, words = guard.partition(" ")
        last = snake(name.rpartition(".")[2])
        if _LIMITING.search(name):
            return Sign.LIMITS
        found = self.app.function(f"self.{name}", path, within) if within and "." not in name else None
        found = found or self.app.function(name, path)
        if found is not None:
            own = self.app.signs(found[1], found[0])
            return self._of_code(own, last, words)
        signs = self._of_middleware(name, path)
        if signs:
            return signs | (Sign.ROLE if ROLE.search(snake(name)) or ROLE.search(words) else Sign.NONE)
        return _by_name(last, words)

    def _of_code(self, own: Sign, last: str, words: str) -> Sign:
        told = own & _TOLD
        is_named = AUTHENTICATES.match(last) is not None and not last.startswith("authenticate")
        is_check = bool(own & Sign.REFUSES) or is_named
        if own & Sign.LIMITS and not own & Sign.WHO:
            return Sign.LIMITS
        if not is_check or _LOADS.match(last):
            told &= ~(Sign.WHO | Sign.ROLE)
        elif not NOT_AUTHENTICATION.search(last):
            told |= Sign.WHO
            if ROLE.search(last) or (words and ROLE.search(words)):
                told |= Sign.ROLE
        return told

    def _of_middleware(self, name: str, path: str) -> Sign:
        found = self.app.class_(name.rpartition(".")[2], path)
        if found is None:
            return Sign.NONE
        where, cls = found
        signs = Sign.NONE
        for method in cls.methods:
            if method in _MIDDLEWARE:
                for function in self.app.functions_here(where, f"{cls.name}.{method}"):
                    signs |= self._of_code(self.app.signs(function, where), snake(cls.name), "")
        return signs

    def _of_filters(self, class_name: str, method: Function, path: str) -> tuple[Sign, bool, tuple[Fetch, ...]]:
        """(what a class and those above it ask before the method, whether it skips one that asks who is there, the
        objects that they take for it). The class nearest to the method has the last word.
        """
        active: dict[str, Sign] = {}
        loaded: dict[str, tuple[Fetch, ...]] = {}
        is_skipped = False
        for where, cls in reversed(list(self.app.family(class_name, path))):
            for one in self._filters.get((where, cls.name), ()):
                applies = (not one.only or method.name in one.only) and method.name not in one.excepted
                name = one.guard.partition(" ")[0]
                if applies and one.skips:
                    is_skipped |= bool(active.pop(name, Sign.NONE) & Sign.WHO)
                    loaded.pop(name, None)
                elif applies:
                    active[name] = active.get(name, Sign.NONE) | self._guard(one.guard, path, class_name)
                    loaded[name] = self._loaded(name, method, path, class_name)
        signs = Sign.NONE
        for found in active.values():
            signs |= found
        return signs, is_skipped, tuple(fetch for fetches in loaded.values() for fetch in fetches)

    def _loaded(self, name: str, method: Function, path: str, within: str) -> tuple[Fetch, ...]:
        """Rails: the objects that `before_action :set_order` takes, with what the action then does."""
        found = self.app.function(f"self.{name}", path, within)
        if found is None:
            return ()
        acts = method.acts & (Act.CHANGE | Act.DELETE) or Act.READ
        return tuple(Fetch(fetch.what, fetch.span, acts, is_followed=True) for fetch in found[1].fetches)

    @cached_property
    def _filters(self) -> dict[tuple[str, str], list[Filter]]:
        found: dict[tuple[str, str], list[Filter]] = defaultdict(list)
        for path, facts in self.app.files.items():
            for one in facts.filters[:_MOST_FILTERS]:
                found[path, one.cls].append(one)
        return found

    def _of_paths(self, registration: Registration) -> tuple[Sign, bool]:
        """(what is asked of every request to the path, whether somebody wrote that all may come)."""
        signs = Sign.NONE
        signs |= self._of_filters_of_requests
        for pattern, hooked in self._hooks:
            if re.fullmatch(pattern, registration.path):
                signs |= hooked
        for rules in self._path_rules:
            for rule in rules:
                if rule.methods and registration.methods and not rule.methods & registration.methods:
                    continue
                if re.fullmatch(rule.pattern, registration.path or "/"):
                    return signs | rule.signs, not rule.signs
            return signs | Sign.WHO, False
        if self._is_locked_by_default:
            signs |= Sign.WHO
        return signs, False

    @cached_property
    def _of_filters_of_requests(self) -> Sign:
        """Java: of filters and interceptors that turn somebody away, wherever they may be wired."""
        signs = Sign.NONE
        for path, cls in self.app.classes():
            if self.app.files[path].language is not Language.JAVA or cls.name in self._wired:
                continue
            if any(_REQUEST_FILTER.search(base) for base in self.app.bases(cls.name, path)):
                signs |= self._of_middleware(cls.name, path) & (Sign.WHO | Sign.LIMITS)
        return signs

    @cached_property
    def _wired(self) -> frozenset[str]:
        """Filters of which it is known before which paths they stand."""
        hooked = (hook for facts in self.app.files.values() for _, hook in facts.hooks)
        return frozenset(hook.partition(".")[0] for hook in hooked)

    @cached_property
    def _path_rules(self) -> list[list[PathRule]]:
        """Of each file, those of which the first that fits decides; the files with the most narrow rules first."""
        found = [list(facts.path_rules) for facts in self.app.files.values() if facts.path_rules]
        return sorted(found, key=len, reverse=True)[:1]

    @cached_property
    def _is_locked_by_default(self) -> bool:
        """Spring Boot with Spring Security and no word on paths: everything asks for a login."""
        if "spring" not in self.app.frameworks:
            return False
        parts = (".security.access.", ".security.web.", ".security.config.", ".security.core.annotation")
        return any(part in name for facts in self.app.files.values() for name in facts.imports for part in parts)

    @cached_property
    def _hooks(self) -> list[tuple[str, Sign]]:
        """(pattern of paths, what is asked before them)."""
        return [
            (owner or ".*", self._guard(hook, path))
            for path, facts in self.app.files.items()
            for owner, hook in facts.hooks
            if not owner or owner.startswith("/")
        ]

    def _of_mounts(self, registration: Registration, path: str) -> tuple[Sign, str]:
        """(what is asked, the prefix) of a router that another function or file hands on: `handlers.Register(api)`."""
        signs, prefix = Sign.NONE, ""
        for name in (registration.owner.partition("#")[0], "@" + path.rpartition("/")[2]):
            for where, router in self._mounts.get(name, ()):
                prefix = prefix or router.prefix
                for guard in router.guards:
                    signs |= self._guard(guard, where)
        return signs, prefix

    @cached_property
    def _mounts(self) -> dict[str, list[tuple[str, Router]]]:
        found: dict[str, list[tuple[str, Router]]] = defaultdict(list)
        for path, router in self.app.routers():
            if router.kind == "mount":
                found[router.name].append((path, router))
        return found


def _by_name(last: str, words: str) -> Sign:
    signs = Sign.NONE
    if LIMITER.search(last) or LIMITER.search(words):
        signs |= Sign.LIMITS
    if _NOT_A_GUARD.match(last) or (NOT_AUTHENTICATION.search(last) and "author" not in last):
        return signs
    if "isAnonymous" in words or "permitAll" in words:
        return signs
    if _ONLY_FOR.search(last):  # `@AdminOnly`, an annotation of the project's own
        return signs | Sign.WHO | Sign.ROLE
    if AUTHENTICATION.search(last) or last in _ASKING:
        signs |= Sign.WHO
        is_everybody = _EVERYBODY.search(words) is not None
        if (ROLE.search(last) or ROLE.search(words) or last in ("can", "is_granted")) and not is_everybody:
            signs |= Sign.ROLE
        if re.search(r"#\w+|@\w+\.|,", words) or (last == "is_granted" and " " in words):
            signs |= Sign.OWNER
    return signs


_ONLY_FOR = re.compile(
    r"^(?:is_)?(?:admins?|staff|managers?|moderators?|super_?users?)_(?:only|required)$|^(?:only|requires?)_(?:admins?|staff)$"
)
_ASKING = frozenset({"can", "verified", "signed", "authenticated", "is_granted"})
_EVERYBODY = re.compile(
    r"^isAuthenticated\(\)$|IS_AUTHENTICATED|^ROLE_USER$|^hasRole\('(?:ROLE_)?USER'\)$", re.IGNORECASE
)
"""What all who are logged in have."""
