"""Functions and classes of a project in a lowered language, found by name: as types are written, and as packages see
each other's.
"""

from collections import defaultdict
from functools import cached_property
from posixpath import commonprefix

from server.analysis.web.application import Application
from server.analysis.web.facts import Class, Function
from server.analysis.web.lowered.outline import SCRIPT

_COMMON = frozenset(
    {"find", "save", "delete", "update", "create", "remove", "list", "index", "show", "call", "handle", "open", "close"}
    | {
        "write",
        "read",
        "build",
        "send",
        "start",
        "stop",
        "execute",
        "query",
        "exec",
        "store",
        "destroy",
        "edit",
        "login",
    }
    | {"__init__", "init", "name", "load", "parse", "render", "error", "json", "string", "check", "validate", "process"}
    | {"apply", "first", "where", "count", "with", "print", "format", "equals", "test", "main", "toString", "register"}
)
"""Names of which one project has many, of its own and of libraries."""


class LoweredApplication(Application):
    """Names as they are found where types are written, and packages see each other's functions."""

    def function(self, name: str, path: str, within: str = "") -> tuple[str, Function] | None:
        if name.startswith("@"):
            return self._included(name[1:], path)
        head, _, last = name.rpartition(".")
        if head == "self" and within:
            found = self._method(within, last, path) or self.names.owned.first((last, within))
            if found is not None:
                return found
        parent = head.rpartition(".")[2]
        if head.startswith("self.") and within and (kind := self._type_of_field(within, parent)):
            found = self.names.owned.first((last, kind))
            if found is not None:
                return found
        if not head:
            here = self.functions_here(path, last)
            if here:
                return path, here[0]
            module = self.files[path].module if path in self.files else ""
            plain = self.names.plain.all(last)
            same = [found for found in plain if self.files[found[0]].module == module]
            return same[0] if same else plain[0] if len(plain) == 1 else None
        owned = self.names.owned.first((last, parent))
        if owned is not None and self._is_meant(owned, head):
            return owned
        found_here = self.functions_here(path, f"{parent}.{last}")
        if found_here:
            return path, found_here[0]
        if len(last) > 3 and last not in _COMMON:
            named = self.names.named.all(last)
            return named[0] if len(named) == 1 else None
        return None

    def class_(self, name: str, path: str) -> tuple[str, Class] | None:
        """Also by a full name (`Admin::BaseController`), where the project has one class of the last."""
        found = super().class_(name, path)
        known = self.names.classes.all(name.rpartition(".")[2]) if found is None else ()
        return known[0] if len(known) == 1 else found

    def _type_of_field(self, cls: str, field: str) -> str:
        """As some file of the package declares it."""
        for _, found in self.names.classes.all(cls):
            if field in found.attributes:
                return found.attributes[field][0]
        return ""

    def _included(self, name: str, path: str) -> tuple[str, Function] | None:
        """The script that `include __DIR__ . "/inc/auth.php"` runs, the nearest of those that end so."""
        ends = [other for other in self._scripts.get(name.rpartition(".")[2], ()) if _dotted(other).endswith(name)]
        ends.sort(key=lambda other: -len(commonprefix((other, path))))
        return (ends[0], self.functions_here(ends[0], SCRIPT)[0]) if ends else None

    @cached_property
    def _scripts(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path, _ in self.names.named.all(SCRIPT):
            found[_dotted(path).rpartition(".")[2]].append(path)
        return found

    def _is_meant(self, found: tuple[str, Function], head: str) -> bool:
        """Of two classes of one name, as in `App.Http.Controllers.Admin.UserController`, that of the full one."""
        return "." not in head or len(self.names.classes.all(head.rpartition(".")[2])) < 2

    def method_of(self, handler: str, path: str) -> tuple[str, Function, str] | None:
        """The method that a registration names, with its class: also by the class's full name."""
        owner, _, name = handler.rpartition(".")
        package, _, cls = owner.rpartition(".")
        candidates = [(p, c) for p, c in self.names.classes.all(cls) if self._has(p, c, name)]
        exact = [(p, c) for p, c in candidates if package and self.files[p].module == package]
        here = [(p, c) for p, c in candidates if p == path]
        for where, found in (*exact, *here, *candidates):
            return where, self.functions_here(where, f"{found.name}.{name}")[0], found.name
        return None

    def _has(self, path: str, cls: Class, name: str) -> bool:
        return bool(self.functions_here(path, f"{cls.name}.{name}"))


def _dotted(path: str) -> str:
    return path.rpartition(".")[0].replace("/", ".")
