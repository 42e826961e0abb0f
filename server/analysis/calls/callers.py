"""Which calls lead to the functions and classes of some files.

By names, imports and written types, as a reader would look them up. A method of an object of which nothing says what it
is counts where one class alone has a method of that name, unless things of every day have one too.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from server.analysis.budget import Budget
from server.analysis.calls.sites import Element, Site, Sites, Within
from server.analysis.flow.languages import FLOWS, Flows
from server.analysis.flow.names import Project
from server.analysis.flow.program import Attr, Call, Collection, Expr, Item, Module, Name, Unknown
from server.analysis.flow.references import Library
from server.analysis.flow.scopes import ClassScope, Imported, ModuleScope, Resolved, Unit
from server.analysis.language import Language

MAX_STEPS = 8
"""Of one look-up: `a.b.c.d()`."""

Target = Unit | ClassScope

_WORDS = """
add all any append catch clear close connect count create delete each execute exists filter find first flush get info
init join keys last list load log map match next open parse ping push put query read render replace reset run save
search send set size start stop test then toString update values wait warn warning write
"""
_BUILT_IN = (str, bytes, int, list, dict, set, tuple)
_EVERYDAY = frozenset(_WORDS.split()).union(*(dir(kind) for kind in _BUILT_IN))
"""Names of methods that say nothing about whose they are."""


_PASSING_ON = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "enumerate", "iter"})
"""Functions whose result has in it what their first argument has."""

_PASSING_VALUES = frozenset({"values", "items", "copy"})
_TAKING_ONE = frozenset({"get", "pop", "popleft", "setdefault"})
"""Methods of containers, whose result has in it, or is, what they have."""


class Place(NamedTuple):
    """*column*: 1-based, in code points."""

    path: str
    line: int
    column: int


class Called(NamedTuple):
    """A function, method or class, and the places of its calls. *line*: of its definition."""

    path: str
    name: str
    line: int
    callers: tuple[Place, ...]


class CallIndex:
    """One project's, kept from one look to the next: of a file that stayed, its calls are not looked for again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Module, Sites]] = {}

    def callers(self, paths: Sequence[str], modules: Mapping[str, Module], budget: Budget) -> list[Called]:
        """Who calls what *paths* define, in all *modules*, which are by path."""
        self._known = {path: self._sites(path, module, budget) for path, module in modules.items()}
        called: list[Called] = []
        for flows in FLOWS:
            of_language = {path: m for path, m in modules.items() if m.language in flows.languages}
            asked = [path for path in paths if path in of_language]
            if asked:
                called += _Lookup(flows, {path: self._known[path] for path in of_language}, budget).callers(asked)
        return called

    def _sites(self, path: str, module: Module, budget: Budget) -> tuple[Module, Sites]:
        budget.spend()
        known = self._known.get(path)
        return known if known is not None and known[0] is module else (module, Sites(module))


class _Lookup:
    """One language's part of a project."""

    def __init__(self, flows: Flows, known: Mapping[str, tuple[Module, Sites]], budget: Budget) -> None:
        # Copies: a project may call a module otherwise, and the flow analysis has them in a project of its own.
        self._project = Project((replace(module) for module, _ in known.values()), flows.outside)
        self._sites = {path: sites for path, (_, sites) in known.items()}
        self._attributes = {owner: types for sites in self._sites.values() for owner, types in sites.attributes.items()}
        self._budget = budget
        self._methods: dict[str, list[Unit]] = defaultdict(list)
        for definition in self._project.classes.values():
            for name, unit in definition.methods.items():
                self._methods[name].append(unit)

    def callers(self, paths: Sequence[str]) -> list[Called]:
        targets = [target for path in paths for target in _defined(self._project.by_path[path])]
        found: dict[int, list[Place]] = {id(target): [] for target in targets}
        wanted = {_name(target) for target in targets}
        for path, sites in self._sites.items():
            self._budget.spend()
            scope = self._project.by_path[path]
            for name in sites.by_name.keys() & (wanted | _aliases(scope, wanted)):
                for site in sites.by_name[name]:
                    self._budget.spend()
                    for target in self._meant(site, scope):
                        if id(target) in found:
                            found[id(target)].append(Place(path, site.line, site.column))
        called = [
            Called(target.scope.module.path, _label(target), _line(target), tuple(sorted(found[id(target)])))
            for target in targets
        ]
        return sorted(called, key=lambda one: (one.path, one.line))

    def _meant(self, site: Site, scope: ModuleScope) -> Iterator[Target]:
        """What a call may run: a method, or one that takes its place in a class that inherits."""
        found = self._callee(site.callee, site.within, scope)
        if isinstance(found, Unit | ClassScope):
            yield found
        if isinstance(found, Unit) and found.owner is not None and not _is_of_super(site.callee):
            yield from self._project.overriding(found.owner, found.name)

    def _callee(self, callee: Expr, within: Within, scope: ModuleScope, steps: int = 0) -> Resolved | None:
        if isinstance(callee, Name):
            return self._named(callee.id, within, scope)
        if not isinstance(callee, Attr) or steps > MAX_STEPS:
            return None
        base = callee.base
        if _is_of_super(callee):
            return self._inherited(within, callee.name)
        owner = self._instance(base, within, scope, steps + 1)
        if owner is not None:
            return self._project.method(owner, callee.name)
        static = self._callee(base, within, scope, steps + 1) if isinstance(base, Name | Attr) else None
        if isinstance(static, ModuleScope | ClassScope | Library):
            return self._project.member(static, callee.name)
        return self._qualified(callee, scope) or self._only_method(callee.name, scope)

    def _qualified(self, callee: Attr, scope: ModuleScope) -> Target | None:
        """`\\Shop\\price` of PHP by its namespace; `Shop::Cart` of Ruby, whose modules nobody keeps, by its own."""
        names = _path(callee)
        found: Resolved | None = None
        if names and scope.module.language is Language.PHP:
            found = self._project.dotted(".".join(names), scope)
        elif scope.module.language is Language.RUBY and all(name[0].isupper() for name in names[:-1]) and names:
            found = self._project.name(callee.name, scope) if callee.name not in _EVERYDAY else None
        return found if isinstance(found, Unit | ClassScope) else None

    def _named(self, name: str, within: Within | None, scope: ModuleScope) -> Resolved | None:
        while within is not None and within.outer is not None:
            if name in within.imported:
                return self._project.dotted(within.imported[name], scope)
            if name in within.bound and not within.is_class:
                return None
            within = within.outer
        return self._project.name(name, scope)

    def _inherited(self, within: Within, name: str) -> Unit | None:
        owner = self._project.classes.get(within.owner)
        bases = self._project.lineage(owner)[0][1:] if owner is not None else ()
        return next((base.methods[name] for base in bases if name in base.methods), None)

    def _only_method(self, name: str, scope: ModuleScope) -> Unit | None:
        units = self._methods.get(name, ())
        if len(units) != 1 or name in _EVERYDAY:
            return None
        return units[0] if not name.startswith("_") or units[0].scope is scope else None

    def _instance(self, value: Expr, within: Within, scope: ModuleScope, steps: int) -> ClassScope | None:
        """The class of the project of which a value is, as far as somebody wrote it down."""
        if steps > MAX_STEPS:
            return None
        if isinstance(value, Name):
            return self._instance_named(value.id, within, scope, steps + 1)
        if isinstance(value, Attr):
            owner = self._instance(value.base, within, scope, steps + 1)
            return self._attribute(owner, value.name, steps + 1) if owner is not None else None
        if isinstance(value, Call):
            made = self._callee(value.callee, within, scope, steps + 1)
            if isinstance(made, Unit) and made.function is not None:
                return _class(self._project.type_of(made.function.returns, made.scope))
            if made is None and isinstance(value.callee, Attr) and value.callee.name in _TAKING_ONE:
                return self._content(value.callee.base, within, scope, steps + 1)
            return _class(made)
        if isinstance(value, Item):
            return self._content(value.base, within, scope, steps + 1)
        return None

    def _instance_named(self, name: str, within: Within, scope: ModuleScope, steps: int) -> ClassScope | None:
        around: Within | None = within
        while around is not None:
            if name == around.receiver and around.owner:
                return self._project.classes.get(around.owner)
            if name in around.types and not (around.is_class and around is not within):
                return self._written(around.types[name], around, scope, steps)
            if name in around.bound and around.outer is not None:
                return None
            around = around.outer
        return None

    def _attribute(self, owner: ClassScope, name: str, steps: int) -> ClassScope | None:
        for definition in self._project.lineage(owner)[0]:
            told = definition.annotations.get(name) or self._attributes.get(definition.definition.qualified, {}).get(
                name
            )
            if told is not None:
                return self._written(told, Within(None, "", ""), definition.scope, steps)
        return None

    def _content(
        self, container: Expr, within: Within, scope: ModuleScope, steps: int, *, keys: bool = False
    ) -> ClassScope | None:
        """What a list, a mapping or the like has in it, where its annotation says so. *keys*: of a mapping its keys."""
        if steps > MAX_STEPS:
            return None
        if isinstance(container, Call):
            callee = container.callee
            if isinstance(callee, Name) and callee.id in _PASSING_ON and container.args:
                return self._content(container.args[0], within, scope, steps + 1, keys=keys)
            if isinstance(callee, Attr) and callee.name in _PASSING_VALUES:
                return self._content(callee.base, within, scope, steps + 1)
        annotation, scope = self._annotation(container, within, scope, steps + 1)
        content = _written_within(annotation, keys=keys)
        return _class(self._project.type_of(content, scope)) if content is not None else None

    def _annotation(
        self, value: Expr, within: Within, scope: ModuleScope, steps: int
    ) -> tuple[Expr | Element | None, ModuleScope]:
        """What was written of a value, and where."""
        if isinstance(value, Call):
            made = self._callee(value.callee, within, scope, steps + 1)
            if isinstance(made, Unit) and made.function is not None:
                return made.function.returns, made.scope
        if isinstance(value, Attr):
            owner = self._instance(value.base, within, scope, steps + 1)
            for definition in self._project.lineage(owner)[0] if owner is not None else ():
                if (told := self._told_of(definition, value.name)) is not None:
                    return told, definition.scope
        around: Within | None = within
        while isinstance(value, Name) and around is not None:
            if value.id in around.types:
                return around.types[value.id], scope
            around = around.outer
        return None, scope

    def _told_of(self, definition: ClassScope, attribute: str) -> Expr | None:
        assigned = self._attributes.get(definition.definition.qualified, {})
        return definition.annotations.get(attribute) or assigned.get(attribute)

    def _written(self, told: Expr | Element, within: Within, scope: ModuleScope, steps: int) -> ClassScope | None:
        """An annotation, the value that was assigned, or what it was taken out of."""
        if isinstance(told, Element):
            return self._content(told.source, within, scope, steps + 1, keys=True)
        if isinstance(told, Call | Item) and (made := self._instance(told, within, scope, steps + 1)) is not None:
            return made
        return _class(self._project.type_of(told, scope)) if not isinstance(told, Call) else None


def _defined(scope: ModuleScope) -> Iterator[Target]:
    yield from (unit for unit in scope.units.values() if unit.function is not None and not _is_left_out(unit))
    yield from scope.classes.values()


def _is_left_out(unit: Unit) -> bool:
    """What nobody calls by its name: `__init__`, and properties, which are read."""
    assert unit.function is not None
    names = {d.name if isinstance(d, Attr) else d.id for d in unit.function.decorators if isinstance(d, Name | Attr)}
    return unit.name.startswith("__") or bool(names & {"property", "cached_property", "setter", "overload"})


def _written_within(annotation: Expr | Element | None, *, keys: bool) -> Expr | None:
    """`Cart` of `list[Cart]`, `dict[str, Cart]`, `tuple[Cart, ...]`, also where it may be None."""
    if isinstance(annotation, Unknown):
        annotation = next((part for part in annotation.parts if isinstance(part, Item)), None)
    if not isinstance(annotation, Item):
        return None
    if not isinstance(annotation.key, Collection):
        return annotation.key
    inner = [part for _, part in annotation.key.items]
    base = annotation.base
    name = base.id if isinstance(base, Name) else base.name if isinstance(base, Attr) else ""
    return inner[-1] if inner and name.lower().endswith(("dict", "mapping")) and not keys else next(iter(inner), None)


def _is_of_super(callee: Expr) -> bool:
    """`super().total`"""
    base = callee.base if isinstance(callee, Attr) else None
    return isinstance(base, Call) and isinstance(base.callee, Name) and base.callee.id == "super"


def _path(expression: Expr) -> list[str]:
    """The names of `a.b.c`; none of what is no such path."""
    names: list[str] = []
    while isinstance(expression, Attr):
        names.insert(0, expression.name)
        expression = expression.base
    return [expression.id, *names] if isinstance(expression, Name) and expression.id and all(names) else []


def _aliases(scope: ModuleScope, wanted: set[str]) -> set[str]:
    """What the file calls things otherwise than where they are defined."""
    imported = {name: one.target for name, one in scope.names.items() if isinstance(one, Imported)}
    return {name for name, target in imported.items() if target.rpartition(".")[2] in {*wanted, "default"}}


def _class(found: Resolved | None) -> ClassScope | None:
    return found if isinstance(found, ClassScope) else None


def _name(target: Target) -> str:
    return target.name if isinstance(target, Unit) else target.definition.name


def _label(target: Target) -> str:
    owner = target.owner if isinstance(target, Unit) else None
    return f"{owner.definition.name}.{_name(target)}" if owner is not None else _name(target)


def _line(target: Target) -> int:
    return target.line if isinstance(target, Unit) else target.definition.line
