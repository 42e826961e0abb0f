"""What stands before a route: decorators, dependencies, hooks, permissions, mixins, middlewares.

What the project defines itself is looked into; what comes from elsewhere is judged by its name.
"""

import re
from collections import defaultdict
from functools import cached_property

from server.analysis.web.application import Application
from server.analysis.web.facts import Class, Decorator, Function, Sign
from server.analysis.web.words import AUTHENTICATION, NOT_AUTHENTICATION, ROLE

_BEFORE = (
    "prepare",
    "dispatch",
    "initial",
    "get_permissions",
    "check_permissions",
    "test_func",
    "has_permission",
    "setup",
    "dispatch_request",
    "before_request",
)


class Guards:
    def __init__(self, app: Application) -> None:
        self.app = app

    def named(self, names: tuple[str, ...], path: str) -> Sign:
        signs = Sign.NONE
        for name in names:
            if name == "auth" or name == "pyramid.permission":
                signs |= Sign.WHO | (Sign.ROLE if name != "auth" else Sign.NONE)
            elif last_name(name) not in ("Depends", "Security"):
                signs |= self.app.asks_who(name, path) | self._middleware_signs(name)
                signs |= _role(name)
        return signs

    @cached_property
    def hooks(self) -> dict[str, Sign]:
        """Owner (module.variable; "" for the whole application) -> what its hooks ask."""
        found: dict[str, Sign] = defaultdict(lambda: Sign.NONE)
        for path, facts in self.app.files.items():
            for owner, hook in facts.hooks:
                signs = self._hook_signs(hook, path)
                if signs & Sign.WHO:
                    name = owner.rpartition(".")[2]
                    if owner.startswith("aiohttp."):  # holds for the routes of its package
                        found[path.rpartition("/")[0] + "/"] |= signs
                        continue
                    whole = name in ("app", "application", "", "web", "self", "api", "bottle") or "app" in name.split(
                        "_"
                    )
                    found["" if whole or "before_app" in hook else f"{facts.module}.{owner}"] |= signs
        for _, setting in self.app.settings.get("MIDDLEWARE", ()):
            if "LoginRequired" in setting.words or "AuthRequired" in setting.words:
                found[""] |= Sign.WHO
            for name in re.findall(r"[\"']([\w.]+)[\"']", setting.words):
                if not name.startswith("django."):
                    found[""] |= self._middleware_signs(name)
        return found

    def _hook_signs(self, name: str, path: str) -> Sign:
        known = self.app.function(name, path)
        if known is not None:
            signs = self.app.signs(known[1], known[0])
            return signs if signs & Sign.REFUSES else Sign.NONE
        return self._middleware_signs(name)

    def _middleware_signs(self, name: str) -> Sign:
        found = self.app.class_(name, "")
        if found is None:
            return Sign.NONE
        path, cls = found
        signs = Sign.NONE
        for method in cls.methods:
            function = self.app.function(f"{cls.name}.{method}", path)
            if function is not None:
                signs |= self.app.signs(function[1], function[0])
        return signs if signs & Sign.REFUSES and signs & Sign.WHO else Sign.NONE

    def of_decorators(self, decorators: list[tuple[Decorator, str]]) -> Sign:
        signs = Sign.NONE
        for decorator, path in decorators:
            last = last_name(decorator.name)
            if last in (
                "route",
                "api_route",
                "websocket",
                "api_view",
                "view_config",
                "action",
                "get",
                "post",
                "put",
                "patch",
                "delete",
            ):
                continue
            if last in ("permission_classes", "authentication_classes"):
                signs |= _permissions(decorator.words) if last == "permission_classes" else Sign.NONE
                continue
            if last in ("mutation", "field"):
                signs |= self._permission_words(decorator.words.partition("permission_classes")[2], path)
                continue
            signs |= self.app.asks_who(decorator.name, path, decorator.words)
            if signs & Sign.WHO:
                signs |= _role(last) | (_role(decorator.words) if AUTHENTICATION.search(last) else Sign.NONE)
            for name in decorator.names:
                if last in ("method_decorator", "before", "decorator", "apply", "decorate_view"):
                    signs |= self.app.asks_who(name, path) | _role(name)
        return signs

    def of_action(self, function: Function) -> Sign | None:
        """What `@action(permission_classes=[IsOwner])` asks instead of its class; None where it says nothing."""
        for decorator in function.decorators:
            if last_name(decorator.name) == "action" and "permission_classes" in decorator.words:
                return _permissions(decorator.words.partition("permission_classes")[2].partition("]")[0])
        return None

    def of_dependencies(self, function: Function, path: str) -> Sign:
        signs = Sign.NONE
        for name in function.depends:
            if name.startswith("type:"):
                last = last_name(name)
                if re.search(
                    r"current|principal|identity|authenticated|(?:^|[a-z])Auth(?:$|[A-Z])|AdminUser|SuperUser|LoggedIn",
                    last,
                    re.IGNORECASE,
                ):
                    signs |= Sign.WHO | _role(last)
                elif last not in ("Request", "Session", "str", "int"):
                    signs |= self._of_alias(last)
            elif name.startswith("words:"):
                signs |= _role(name) if signs & Sign.WHO else Sign.NONE
            else:
                signs |= self.app.asks_who(name, path) | (
                    _role(last_name(name)) if AUTHENTICATION.search(name) else Sign.NONE
                )
        return signs

    def _of_alias(self, name: str) -> Sign:
        """`UserDep = Annotated[User, Depends(get_user)]` somewhere."""
        signs = Sign.NONE
        for dependency, path in self.app.aliased(name):
            signs |= self.app.asks_who(dependency, path)
            if AUTHENTICATION.search(dependency):
                signs |= _role(dependency)
        return signs

    def of_class(self, cls: Class, path: str, *, asks_itself: bool = False) -> tuple[Sign, bool]:
        """What stands before a method; *asks_itself*: it takes objects from the database past the class's query."""
        signs, is_open = Sign.NONE, False
        for family_path, relative in self.app.family(cls.name, path):
            for base in relative.bases:
                last = last_name(base)
                if last.endswith("Mixin") and AUTHENTICATION.search(last) and not NOT_AUTHENTICATION.search(last):
                    signs |= Sign.WHO | _role(last)
                    if last == "UserPassesTestMixin":
                        signs |= Sign.ROLE | Sign.OWNER
            for attribute in (
                "permission_classes",
                "decorators",
                "method_decorators",
                "permission_required",
                "auth_required",
                "required_permission",
                "guards",
            ):
                if attribute in relative.attributes:
                    words = relative.attributes[attribute][0]
                    signs |= self._permission_words(words, family_path)
                    is_open = is_open or "AllowAny" in words
            for name in relative.methods:
                if name in _BEFORE and (found := self.app.function(f"{relative.name}.{name}", family_path)):
                    own = self.app.signs(found[1], found[0])
                    if own & (Sign.WHO | Sign.ROLE | Sign.REFUSES) or name in (
                        "get_permissions",
                        "test_func",
                        "has_permission",
                    ):
                        signs |= Sign.WHO | (own & (Sign.ROLE | Sign.OWNER))
                        if name in ("get_permissions", "test_func", "has_permission"):
                            signs |= Sign.ROLE
                elif name in ("get_queryset", "get_object") and not asks_itself:
                    found = self.app.function(f"{relative.name}.{name}", family_path)
                    own = self.app.signs(found[1], found[0]) if found else Sign.NONE
                    if own & (Sign.WHO | Sign.OWNER | Sign.ROLE | Sign.REFUSES):
                        signs |= Sign.OWNER | (own & Sign.WHO)
        return signs, is_open

    def asks_of_objects_alone(self, cls: Class, path: str) -> bool:
        """Whether its permissions look at the object alone, which only `get_object()` shows them: a method that takes
        it from the database itself asks nobody.
        """
        words = self.app.attribute(cls.name, "permission_classes", path)
        strange, asked = [], set(cls.methods)
        for name in re.findall(r"[A-Za-z_]\w+", words):
            family = list(self.app.family(name, path))
            asked.update(method for _, permission in family for method in permission.methods)
            if not family:
                strange.append(name)
        if "has_object_permission" not in asked or asked & {"has_permission", "get_queryset", "get_object"}:
            return False
        return not _permissions(" ".join(strange)) & (Sign.ROLE | Sign.OWNER)

    def _permission_words(self, words: str, path: str) -> Sign:
        signs = _permissions(words)
        for name in re.findall(r"[A-Za-z_]\w+", words):
            if self.app.function(name, path) is not None:
                signs |= self.app.asks_who(name, path)
            for family_path, cls in self.app.family(name, path):
                for method in ("has_permission", "has_object_permission"):
                    found = self.app.function(f"{cls.name}.{method}", family_path)
                    if found is not None:
                        signs |= Sign.WHO | Sign.OWNER | (self.app.signs(found[1], found[0]) & Sign.ROLE)
        return signs

    @cached_property
    def default_permissions(self) -> Sign:
        """What Django REST framework asks where a view says nothing."""
        signs = Sign.NONE
        for _, setting in self.app.settings.get("REST_FRAMEWORK", ()):
            given = re.search(r"DEFAULT_PERMISSION_CLASSES[\"']?\s*:\s*[\[(]([^\])]*)", setting.words)
            if given:
                signs |= _permissions(given[1])
        return signs


def last_name(name: str) -> str:
    return name.rpartition(".")[2].rpartition(":")[2]


def _role(words: str) -> Sign:
    return Sign.ROLE if ROLE.search(words) else Sign.NONE


def _permissions(words: str) -> Sign:
    """What DRF's permission classes, or a class's list of decorators, ask."""
    signs = Sign.NONE
    names = re.findall(r"[A-Za-z_]\w+", words)
    for name in names:
        if name in ("AllowAny", "permissions", "IsAuthenticatedOrReadOnly"):
            signs |= Sign.WHO if name == "IsAuthenticatedOrReadOnly" else Sign.NONE
        elif name == "IsAuthenticated" or name in ("login_required", "jwt_required", "token_required"):
            signs |= Sign.WHO
        elif name.startswith("Is") or "Permission" in name or AUTHENTICATION.search(name):
            signs |= Sign.WHO | (
                Sign.ROLE | Sign.OWNER if name.startswith(("Is", "Has", "Can")) or "Permission" in name else _role(name)
            )
    return signs
