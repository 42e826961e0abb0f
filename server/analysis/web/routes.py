"""The routes of Python's frameworks: path with all prefixes, methods, handler, guards, what it does."""

import re
from collections.abc import Iterator

from server.analysis.budget import Budget
from server.analysis.web.application import Application
from server.analysis.web.facts import CHANGES, Act, Class, Decorator, Function, Registration, Sign
from server.analysis.web.guards import Guards, last_name
from server.analysis.web.registrations import is_resolver
from server.analysis.web.route import Route, Site, key_of

_METHOD_OF = {
    "get": "GET",
    "post": "POST",
    "put": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "do_GET": "GET",
    "do_POST": "POST",
    "do_PUT": "PUT",
    "do_DELETE": "DELETE",
    "on_get": "GET",
    "on_post": "POST",
    "on_put": "PUT",
    "on_patch": "PATCH",
    "on_delete": "DELETE",
    "list": "GET",
    "retrieve": "GET",
    "create": "POST",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
    "form_valid": "POST",
    "mutate": "POST",
    "mutate_and_get_payload": "POST",
    "dispatch": "GET",
}
_HANDLER_CLASS = re.compile(
    r"(?:View|ViewSet|Resource|RequestHandler|HTTPEndpoint|BaseHTTPRequestHandler|HTTPMethodView|Endpoint|Mutation"
    r"|ClientIDMutation)$"
)


_TAKES_APART = ("BaseModel", "Schema", "SQLModelBase", "Form", "Serializer", "TypedDict", "NamedTuple", "Struct")
"""Bases of classes that accept only the fields that they name: schemas and forms, not tables."""


class PythonSite(Site):
    """What Python's frameworks route."""

    def __init__(self, app: Application, budget: Budget) -> None:
        super().__init__(app)
        self._budget = budget
        self._guards = Guards(app)
        self._prefixes = self._resolve_prefixes()
        self.routes = list(self._routes())

    def takes_apart(self, name: str, path: str) -> bool:
        for _, cls in self.app.family(name, path):
            if any(d.name.endswith("dataclass") for d in cls.decorators):
                return True
            if any(base.rpartition(".")[2].endswith(_TAKES_APART) for base in cls.bases):
                return not any("table" in base for base in cls.bases)
        return False

    # Where routers stand

    def _resolve_prefixes(self) -> dict[str, tuple[str, Sign]]:
        """Router (its variable, or a module's name) -> prefix and guards, with those of the routers above it."""
        own: dict[str, tuple[str, Sign]] = {}
        mounts: dict[str, tuple[str, Sign]] = {}
        for path, router in self.app.routers():
            signs = self._guards.named(router.guards, path)
            if router.kind == "mount":
                mounts[_last_two(router.name)] = (router.prefix, signs)
                mounts.setdefault(last_name(router.name), (router.prefix, signs))
            else:
                own[f"{self.app.files[path].module}.{router.name}"] = (router.prefix, signs)
        found: dict[str, tuple[str, Sign]] = {}
        for name, (prefix, signs) in own.items():
            over = mounts.get(_last_two(name)) or mounts.get(last_name(name)) or ("", Sign.NONE)
            found[name] = (over[0] + prefix if over[0] != prefix else prefix, signs | over[1])
        for name, entry in mounts.items():
            found.setdefault(name, entry)
        return found

    # Routes

    def _routes(self) -> Iterator[Route]:
        seen: set[tuple[str, str, int]] = set()
        resolved_files: set[str] = set()
        for path, facts in self.app.files.items():
            self._budget.spend()
            for registration in facts.registrations:
                for route in self._registered(registration, path):
                    key = (route.file, route.name, route.head.start_line)
                    if key not in seen:
                        seen.add(key)
                        resolved_files.add(route.file)
                        yield route
        for path, facts in self.app.files.items():
            if not facts.frameworks:
                continue
            for route in self._unregistered(path, path in resolved_files):
                route.is_registered = False
                key = (route.file, route.name, route.head.start_line)
                if key not in seen:
                    seen.add(key)
                    yield route
        for route in self._described():
            if (route.file, route.name, route.head.start_line) not in seen:
                yield route

    def _registered(self, registration: Registration, path: str) -> Iterator[Route]:
        prefix, guards = self._above(registration, path)
        guards |= self._guards.named(registration.guards, path)
        where = prefix.rstrip("/") + registration.path
        cls = self.app.class_(registration.handler, path)
        if cls is not None and cls[1].name == last_name(registration.handler):
            yield from self._of_class(cls, where, guards, registration.owner)
            return
        found = self._handler(registration, path)
        if found is not None:
            file, function = found
            above = self._around(file, function)
            methods, owner = registration.methods, registration.owner
            yield self._route(where, methods, file, function, above, guards, owner, class_file=file)

    def _around(self, path: str, function: Function) -> Class | None:
        """The class whose method a route is by a decorator of its own: what stands before the class counts."""
        name = function.qualified.rpartition(".")[0]
        above = self.app.class_(name, path) if name else None
        return above[1] if above is not None and above[0] == path else None

    def _handler(self, registration: Registration, path: str) -> tuple[str, Function] | None:
        """A decorator's handler stands below it: of several functions of one name, the nearest."""
        below = [
            f
            for f in self.app.functions_here(path, registration.handler)
            if 0 <= f.head.start_line - registration.span.start_line < 40
        ]
        if below:
            return path, min(below, key=lambda f: f.head.start_line)
        return self.app.function(registration.handler, path)

    def _above(self, registration: Registration, path: str) -> tuple[str, Sign]:
        module = self.app.files[path].module
        owner = registration.owner
        hooks = self._guards.hooks
        signs = hooks.get("", Sign.NONE) | hooks.get(path.rpartition("/")[0] + "/", Sign.NONE)
        if owner == "urlpatterns":
            prefix, above = self._prefixes.get(_last_two(module), ("", Sign.NONE))
            return prefix, signs | above
        key = f"{module}.{owner}"
        if key not in self._prefixes:
            key = (
                next((name for name in self._prefixes if _last_two(name) == _last_two(owner)), last_name(owner))
                if "." in owner
                else key
            )
        prefix, above = self._prefixes.get(key, ("", Sign.NONE))
        return prefix, signs | above | self._guards.hooks.get(f"{module}.{owner}", Sign.NONE)

    def _of_class(self, found: tuple[str, Class], where: str, guards: Sign, owner: str) -> Iterator[Route]:
        path, cls = found
        bases = self.app.bases(cls.name, path)
        any_method = False
        for family_path, relative in self.app.family(cls.name, path):
            for name in relative.methods:
                method = _METHOD_OF.get(name)
                if method is None or (
                    name in ("list", "retrieve", "create", "update")
                    and not any("ViewSet" in b or "API" in b for b in bases)
                ):
                    continue
                function = self.app.function(f"{relative.name}.{name}", family_path)
                if function is None or name == "dispatch":
                    continue
                any_method = any_method or name != "form_valid"
                yield self._route(
                    where, frozenset({method}), function[0], function[1], cls, guards, owner, class_file=path
                )
        generic = _generic_acts(bases) if "ModelViewSet" not in bases or self._knows_rest(cls.name, path) else Act.NONE
        if generic and not any_method:
            yield self._route(where, frozenset(), path, None, cls, guards, owner, generic=generic, class_file=path)

    def _knows_rest(self, name: str, path: str) -> bool:
        """Whether its view sets are those of Django REST framework: others have the name too."""
        return any(base.startswith("rest_framework") for _, cls in self.app.family(name, path) for base in cls.bases)

    def _unregistered(self, path: str, has_registered: bool) -> Iterator[Route]:
        """Handlers by their looks, where nothing says their path."""
        facts = self.app.files[path]
        hooks = self._guards.hooks.get("", Sign.NONE)
        for cls in facts.classes:
            if any(_HANDLER_CLASS.search(base) for base in self.app.bases(cls.name, path)) and not cls.name.startswith(
                ("Base", "Abstract")
            ):
                yield from self._of_class((path, cls), "", hooks, "")
        for function in facts.functions:
            if is_resolver(function.qualified) and "graphene" in " ".join(facts.imports):
                yield self._route("", frozenset({"GET"}), path, function, None, hooks, "query")
        if has_registered or "django" not in facts.frameworks:
            return
        for function in facts.functions:
            if function.is_handler and function.is_public and "." not in function.qualified:
                yield self._route("", frozenset(), path, function, None, hooks, "")

    def _described(self) -> Iterator[Route]:
        """Handlers that a description in OpenAPI names (connexion): they ask for the request, and nobody calls them."""
        if "connexion" not in self.app.imports:
            return
        called = {
            key_of(where, callee)
            for path, function in self.app.functions()
            for where, callee in self.app.callees(function, path)
        }
        for path, facts in self.app.files.items():
            if not any(name.startswith(("flask.", "connexion.")) for name in facts.imports):
                continue
            for function in facts.functions:
                if function.is_public and key_of(path, function) not in called:
                    yield self._route("", frozenset(), path, function, None, Sign.NONE, "")

    def _route(
        self,
        where: str,
        methods: frozenset[str],
        path: str,
        function: Function | None,
        cls: Class | None,
        guards: Sign,
        owner: str,
        generic: Act = Act.NONE,
        class_file: str = "",
    ) -> Route:
        decorators: list[tuple[Decorator, str]] = []
        if function is not None:
            decorators += [(d, path) for d in function.decorators]
        if cls is not None:
            decorators += [(d, p) for p, c in self.app.family(cls.name, class_file) for d in c.decorators]
        signs = self.app.signs(function, path) if function else Sign.NONE
        guards |= self._guards.of_decorators(decorators)
        open_on_purpose = any(
            d.name.endswith(("public", "allow_anonymous", "login_exempt", "anonymous_allowed")) for d, _ in decorators
        )
        allows_any = any("AllowAny" in d.words for d, _ in decorators)
        if function is not None:
            guards |= self._guards.of_dependencies(function, path)
            methods = methods or self._methods(decorators, function)
        if cls is not None:
            asks_itself = function is not None and bool(function.fetches) and not _shows_object(function)
            given, is_open = self._guards.of_class(cls, class_file, asks_itself=asks_itself)
            guards |= given
            allows_any = allows_any or is_open
        route = Route(where, methods, path, function, cls, owner, self.app.files[path].frameworks, signs, guards)
        route.open_on_purpose = open_on_purpose
        route.allows_any = allows_any
        if "django" in route.framework and not allows_any and self._is_rest(route, class_file):
            route.guards |= self._guards.default_permissions
        self.fill_effects(route)
        self._fill_class_effects(route, generic, class_file)
        own = self._guards.of_action(function) if function is not None else None
        if own is not None:
            route.guards = (route.guards & ~(Sign.OWNER | Sign.ROLE)) | own
        by_itself = function is not None and bool(route.fetches) and not _shows_object(function)
        if by_itself and cls is not None and self._guards.asks_of_objects_alone(cls, class_file):
            route.guards &= ~(Sign.OWNER | Sign.ROLE)
        return route

    def _methods(self, decorators: list[tuple[Decorator, str]], function: Function) -> frozenset[str]:
        for decorator, _ in decorators:
            if "require" in decorator.name or decorator.name.endswith("api_view"):
                named = frozenset(
                    re.findall(r"\b(GET|POST|PUT|PATCH|DELETE)\b", decorator.words + decorator.name.upper())
                )
                if named:
                    return named
        return frozenset()

    def _is_rest(self, route: Route, class_file: str) -> bool:
        if route.cls is not None:
            return any("API" in b or "ViewSet" in b for b in self.app.bases(route.cls.name, class_file))
        return route.function is not None and any(d.name.endswith("api_view") for d in route.function.decorators)

    def _fill_class_effects(self, route: Route, generic: Act, class_file: str) -> None:
        route.acts |= generic
        if route.cls is not None:
            touches = set(route.touches)
            for attribute in ("model", "queryset"):
                words = self.app.attribute(route.cls.name, attribute, class_file)
                touches |= {word.lower() for word in re.findall(r"\b[A-Z]\w+", words)[:1]}
            own = self.app.function(f"{route.cls.name}.get_queryset", class_file) if generic and not touches else None
            touches |= own[1].touches if own is not None else frozenset()
            route.touches = frozenset(touches)


def _shows_object(function: Function) -> bool:
    shows = ("get_object", "check_object_permissions", "get_queryset")
    return any(last_name(call) in shows for call in function.calls)


def _last_two(name: str) -> str:
    return ".".join(name.lstrip(".").split(".")[-2:])


def _generic_acts(bases: frozenset[str]) -> Act:
    acts = Act.NONE
    for base in bases:
        if base.startswith(("Delete", "Destroy")) or "Destroy" in base:
            acts |= Act.DELETE
        if base.startswith("Update") or "Update" in base:
            acts |= Act.CHANGE
        if base.startswith("Create") or "Create" in base:
            acts |= Act.CREATE
        if base.startswith(("Detail", "List", "Retrieve")) or "Retrieve" in base or base == "ReadOnlyModelViewSet":
            acts |= Act.READ
        if base == "ModelViewSet":
            acts |= Act.READ | CHANGES
    return acts
