"""The web application that the facts of all files make together: names resolved, routes with all that stands before
them.

Judges nothing: the modules with rules do.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from server.analysis.language import Language
from server.analysis.web.facts import Class, Function, Router, Setting, Sign, WebFacts
from server.analysis.web.names import Names
from server.analysis.web.words import AUTHENTICATION, NOT_AUTHENTICATION

DEPTH = 4
"""How many calls deep a check of access is looked for."""

_MOST_CALLEES = 40

_INHERITED = Sign.OWNER | Sign.ROLE | Sign.LIMITS | Sign.REFUSES | Sign.BEARER | Sign.COOKIE


class Application:
    def __init__(self, files: Mapping[str, WebFacts], remembered: Names) -> None:
        """*remembered*: the names as they were at an earlier look."""
        self._remembered = remembered
        self.files = {path: facts for path, facts in files.items() if not facts.is_test}
        self._signs: dict[tuple[str, str, int, int], Sign] = {}
        self._callees: dict[tuple[str, str, int], list[tuple[str, Function]]] = {}

    @cached_property
    def names(self) -> Names:
        """Once somebody asks: a project without routes has nobody."""
        self._remembered.follow(self.files)
        return self._remembered

    # Names

    def function(self, name: str, path: str, within: str = "") -> tuple[str, Function] | None:
        """The project's function that *name* means in the file at *path*; *within*: the class of a `self.` call."""
        head, _, last = name.rpartition(".")
        if head in ("self", "cls"):
            return self._method(within, last, path)
        if not head:
            here = self.names.here(path, last)
            return (path, here[0]) if here else None
        parent = head.lstrip(".").rpartition(".")[2]
        owned = self.names.owned.first((last, parent))
        if owned is not None:
            return owned
        candidates = self.names.packaged.all((last, parent)) or (self.names.plain.all(last) if head[0] == "." else [])
        return candidates[0] if len(candidates) == 1 else None

    def functions_here(self, path: str, qualified: str) -> list[Function]:
        return self.names.here(path, qualified)

    def _method(self, within: str, name: str, path: str) -> tuple[str, Function] | None:
        for owner_path, cls in self.family(within, path):
            found = self.names.here(owner_path, f"{cls.name}.{name}")
            if found:
                return owner_path, found[0]
        return None

    def class_(self, name: str, path: str) -> tuple[str, Class] | None:
        head, _, last = name.rpartition(".")
        found = self.names.classes.all(last)
        here = next(((p, c) for p, c in found if p == path), None)
        if here is not None and not head:
            return here
        parent = head.lstrip(".").rpartition(".")[2]
        for p, c in found:
            if parent and parent in self.files[p].module.split("."):
                return p, c
        return here or (found[0] if len(found) == 1 and (not head or head.startswith(".")) else None)

    def family(self, name: str, path: str) -> Iterator[tuple[str, Class]]:
        """The class and its bases, as far as the project has them."""
        waiting = [(name, path)]
        seen: set[tuple[str, str]] = set()
        while waiting and len(seen) < 12:
            name, path = waiting.pop(0)
            found = self.class_(name, path) if name else None
            if found is None or (found[0], found[1].name) in seen:
                continue
            seen.add((found[0], found[1].name))
            yield found
            waiting += [(base, found[0]) for base in found[1].bases]

    def bases(self, name: str, path: str) -> frozenset[str]:
        """The last names of all bases, those of libraries too."""
        return frozenset(base.rpartition(".")[2] for _, cls in self.family(name, path) for base in cls.bases)

    def attribute(self, cls: str, name: str, path: str) -> str:
        """What the class or a base of it gives the attribute; "" when nothing."""
        for _, owner in self.family(cls, path):
            if name in owner.attributes:
                return owner.attributes[name][0]
        return ""

    # What functions show, with all that they call

    def signs(self, function: Function, path: str, depth: int = DEPTH) -> Sign:
        key = (path, function.qualified, function.head.start_line, depth)
        known = self._signs.get(key)
        if known is None:
            known = function.signs
            if depth:
                for callee_path, callee in self.callees(function, path):
                    known |= self._inherited(callee, self.signs(callee, callee_path, depth - 1))
            self._signs[key] = known
        return known

    @staticmethod
    def _inherited(callee: Function, signs: Sign) -> Sign:
        inherited = signs & _INHERITED
        if signs & Sign.WHO and (signs & Sign.REFUSES or AUTHENTICATION.search(callee.name)):
            inherited |= Sign.WHO
        if signs & Sign.ENTERS:
            inherited |= Sign.ENTERS
        return inherited

    def callees(self, function: Function, path: str) -> list[tuple[str, Function]]:
        key = (path, function.qualified, function.head.start_line)
        if key not in self._callees:
            within = function.qualified.rpartition(".")[0]
            called = (self.function(name, path, within) for name in sorted(function.calls))
            self._callees[key] = [c for c in called if c is not None and c[1] is not function][:_MOST_CALLEES]
        return self._callees[key]

    def handed(self, function: Function, path: str) -> frozenset[tuple[str, str, int]] | None:
        """Its callees - (file, qualified name, line) - that get what the request says; None where nobody looked."""
        if function.hands_on is None:
            return None
        within = function.qualified.rpartition(".")[0]
        called = (self.function(name, path, within) for name in function.hands_on)
        return frozenset((c[0], c[1].qualified, c[1].head.start_line) for c in called if c is not None)

    # Guards

    def asks_who(self, name: str, path: str, words: str = "") -> Sign:
        """What a decorator or dependency of that name shows: `WHO`, `ROLE`, `LIMITS`."""
        last = name.rpartition(".")[2]
        signs = Sign.NONE
        found = self.function(name, path)
        if found is not None:
            own = self.signs(found[1], found[0])
            own |= self._of_dependencies(found[1], found[0])
            signs |= own & (Sign.WHO | Sign.ROLE | Sign.LIMITS | Sign.OWNER)
            if own & Sign.REFUSES and not NOT_AUTHENTICATION.search(last) and not own & Sign.LIMITS:
                signs |= Sign.WHO
        if NOT_AUTHENTICATION.search(last) and "login_required" not in last:
            return signs
        if AUTHENTICATION.search(last) or (last == "method_decorator" and AUTHENTICATION.search(words)):
            signs |= Sign.WHO
        return signs

    def _of_dependencies(self, function: Function, path: str) -> Sign:
        """What the dependencies of a dependency ask, also of those that it makes (`Depends(owner_of("events"))`)."""
        signs = Sign.NONE
        for inner in self.files[path].functions:
            if not function.head.start_line <= inner.head.start_line <= function.end_line:
                continue
            for name in inner.depends:
                if name.startswith("type:"):
                    for dependency, where in self.aliased(name.rpartition(".")[2].removeprefix("type:")):
                        signs |= self._of_dependency(dependency, where)
                elif not name.startswith("words:") and name.rpartition(".")[2] != function.name:
                    signs |= self._of_dependency(name, path)
        return signs

    def aliased(self, name: str) -> Iterator[tuple[str, str]]:
        """`UserDep = Annotated[User, Depends(get_user)]`: what it depends on, and where that is said."""
        for path, setting in self.settings.get(name, ()):
            for dependency in re.findall(r"(?:Depends|Security)\(\s*([\w.]+)", setting.words):
                yield dependency, path

    def _of_dependency(self, name: str, path: str) -> Sign:
        found = self.function(name, path)
        if found is not None:
            own = self.signs(found[1], found[0])
            refuses = own & Sign.REFUSES and AUTHENTICATION.search(found[1].name)
            return own & (Sign.WHO | Sign.ROLE) | (Sign.WHO if refuses else Sign.NONE)
        return Sign.WHO if AUTHENTICATION.search(name.rpartition(".")[2]) else Sign.NONE

    # Settings

    @cached_property
    def settings(self) -> dict[str, list[tuple[str, Setting]]]:
        found: dict[str, list[tuple[str, Setting]]] = defaultdict(list)
        for path, facts in self.files.items():
            for setting in facts.settings:
                found[setting.name].append((path, setting))
        return found

    def setting_has(self, name: str, word: str) -> bool:
        return any(word in setting.words for _, setting in self.settings.get(name, ()))

    @cached_property
    def imports(self) -> frozenset[str]:
        """The first parts of all that is imported."""
        return frozenset(name.partition(".")[0] for facts in self.files.values() for name in facts.imports)

    @cached_property
    def called(self) -> frozenset[str]:
        return frozenset().union(*(facts.calls for facts in self.files.values()))

    @cached_property
    def owned(self) -> frozenset[str]:
        return frozenset().union(*(facts.owned for facts in self.files.values()))

    @cached_property
    def frameworks(self) -> frozenset[str]:
        return frozenset().union(*(facts.frameworks for facts in self.files.values()))

    @cached_property
    def languages(self) -> frozenset[Language]:
        return frozenset(facts.language for facts in self.files.values())

    def functions(self) -> Iterator[tuple[str, Function]]:
        for path, facts in self.files.items():
            for function in facts.functions:
                yield path, function

    def classes(self) -> Iterator[tuple[str, Class]]:
        for path, facts in self.files.items():
            for cls in facts.classes:
                yield path, cls

    def routers(self) -> Iterable[tuple[str, Router]]:
        for path, facts in self.files.items():
            for router in facts.routers:
                yield path, router
