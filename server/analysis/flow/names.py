"""What names mean in a project: where imports lead, what classes inherit, which class an annotation names.

Static: nothing here is evaluated. A name that leads out of the project is a `Library`.
"""

from collections.abc import Iterable, Iterator, Set
from posixpath import commonprefix

from server.analysis.flow.program import NO_NAMESPACE, Attr, Call, Collection, Expr, Item, Module, Name, Unknown
from server.analysis.flow.references import Library
from server.analysis.flow.scopes import ClassScope, Imported, ModuleScope, Resolved, Unit, Variable

MAX_HOPS = 12
"""How many re-exports are followed."""

MAX_IMPLEMENTATIONS = 3
"""Of an interface. What more have the methods of, like `Close`, tells nothing."""


ALIAS_SIGNS = ("@", "~", "#", "$")
"""What names begin with that a project gives to its own folders; `@` also packages of somebody."""


def alias_meanings(target: str) -> tuple[tuple[str, int], ...]:
    """(What a name that begins so may mean, how many of its parts a module must have at least)."""
    first, _, rest = target.lstrip("".join(ALIAS_SIGNS)).partition(".")
    own = (f"{first}.{rest}", 2 if "." in rest else 1)
    return (own, (rest, 2)) if "." in rest else (own,)


class Project:
    """All modules of one language. *outside*: libraries, which a module in a folder below the root does not hide."""

    def __init__(self, modules: Iterable[Module], outside: Set[str] = frozenset()) -> None:
        self._outside = outside
        self.modules: dict[str, ModuleScope] = {}
        self.by_path: dict[str, ModuleScope] = {}
        self.units: dict[str, Unit] = {}
        self.classes: dict[str, ClassScope] = {}
        self.subclasses: dict[str, list[ClassScope]] | None = None
        self._methods: dict[str, list[Unit]] | None = None
        self._packages: set[str] = set()
        self._ends: dict[str, list[ModuleScope]] | None = None
        self._siblings: dict[str, list[ModuleScope]] = {}
        for module in modules:
            self.add(module)

    def add(self, module: Module) -> ModuleScope:
        """A module of a name that is taken (`a/x.py` and `src/a/x.py`) is known by its path."""
        if module.name in self.modules:
            module.name = module.path
        scope = ModuleScope(module)
        self._ends = None
        if module.package:
            self._siblings.setdefault(module.package, []).append(scope)
        self._know(scope)
        package = scope.name.rpartition(".")[0]
        while package and package not in self._packages:
            self._packages.add(package)
            package = package.rpartition(".")[0]
        return scope

    def put(self, path: str, module: Module | None) -> tuple[ModuleScope | None, ModuleScope | None]:
        """Have this module at the path, or none, in the same place as the one before. Gives the one before and the one
        now. What names mean is found out anew.
        """
        old, new = self.by_path.get(path), None
        if old is not None:
            self._unlearn(old)
        if module is not None:
            new = self.add(module) if old is None else self._replace(old, module)
        elif old is not None:
            self._remove(old)
        self.subclasses = self._ends = self._methods = None
        for scope in self.modules.values():
            scope.resolved.clear()
        for definition in self.classes.values():
            definition.order = None
            definition.found = {}
            definition.attributes = {}
            definition.numbers = {}
        return old, new

    def _replace(self, old: ModuleScope, module: Module) -> ModuleScope:
        module.name = old.name
        new = ModuleScope(module, old)
        new.asked = old.asked
        for package in {old.module.package, module.package} - {""}:
            siblings = self._siblings.setdefault(package, [])
            own = [new] if package == module.package else []
            place = siblings.index(old) if old in siblings else len(siblings)
            siblings[place : place + 1] = own
        self._know(new)
        return new

    def _remove(self, old: ModuleScope) -> None:
        del self.modules[old.name], self.by_path[old.module.path]
        if old.module.package:
            self._siblings[old.module.package].remove(old)

    def _know(self, scope: ModuleScope) -> None:
        self.modules[scope.name] = self.by_path[scope.module.path] = scope
        self.units.update(scope.units)
        self.classes.update(scope.classes)

    def _unlearn(self, scope: ModuleScope) -> None:
        for key in scope.units:
            self.units.pop(key, None)
        for key in scope.classes:
            self.classes.pop(key, None)

    def is_crowded(self) -> bool:
        """Whether two modules want one name: whose it is depends on all that are there."""
        return any(scope.name == path for path, scope in self.by_path.items())

    def beside(self, scope: ModuleScope) -> Iterator[ModuleScope]:
        """Those who see its names without importing them: the other files of its package; of PHP's functions without
        a namespace all.
        """
        package = scope.module.package
        seen = self.modules.values() if package == NO_NAMESPACE else self._siblings.get(package, ())
        return (other for other in seen if other is not scope)

    def current(self, unit: Unit) -> Unit:
        """The function as it is now, where a value still stands for what it was before its file changed."""
        return self.units.get(unit.key, unit)

    # Names

    def name(self, name: str, scope: ModuleScope, hops: int = 0) -> Resolved | None:
        """What a module's global *name* is; None where nothing defines it."""
        try:
            return scope.resolved[name]
        except KeyError:
            scope.asked.add(name)
            scope.resolved[name] = None  # While it is looked for, a cycle of imports finds nothing.
            found = scope.resolved[name] = self._name(name, scope, hops)
            return found

    def _name(self, name: str, scope: ModuleScope, hops: int) -> Resolved | None:
        definition = scope.names.get(name)
        if isinstance(definition, Imported):
            return self.dotted(definition.target, scope, hops + 1)
        if definition is not None:
            return definition
        for star in scope.stars:
            module = self.dotted(star, scope, hops + 1)
            if isinstance(module, ModuleScope) and module is not scope:
                found = self.name(name, module, hops + 1) if hops < MAX_HOPS else None
                if found is not None:
                    return found
        package = scope.module.package
        if package and (sibling := self._sibling(name, package)) is not None:
            return sibling
        if package and package != NO_NAMESPACE and name[:1].islower():
            function = self._sibling(name, NO_NAMESPACE)
            if isinstance(function, Unit):
                return function
        submodule = self.modules.get(f"{scope.name}.{name}")
        if submodule is None and name == "default":
            return scope  # What JavaScript's older modules export as a whole, newer ones import as their default.
        return submodule

    def _sibling(self, name: str, package: str) -> Resolved | None:
        """What another file of the package defines under that name; its imports and local variables are its own."""
        for scope in self._siblings.get(package, ()):
            definition = scope.names.get(name)
            if definition is not None and not isinstance(definition, Imported) and not name.startswith("$"):
                return definition
        return None

    def default(self, scope: ModuleScope) -> Resolved | None:
        """What a module that exports one thing stands for: `module.exports = router`. None for other modules."""
        found = self.name("default", scope)
        return None if found is scope else found

    def dotted(self, target: str, importer: ModuleScope, hops: int = 0) -> Resolved:
        """What an import of *target* binds. The importer's own folder and those above it may be roots."""
        if hops > MAX_HOPS:
            return Library(target)
        module, rest = self._module(target, importer)
        found: Resolved | None = module
        if module is None and target[:1] in ALIAS_SIGNS:
            found, rest = self._aliased(target, importer)
        elif module is None:
            found, rest = self._packaged(target.split("."))
        for part in rest:
            found = self.member(found, part, hops + 1)
            if found is None:
                return Library(target)
        return found if found is not None else Library(target)

    def _packaged(self, parts: list[str]) -> tuple[Resolved | None, list[str]]:
        """What a package of several files has under the name that follows it. A path may begin with more than the
        project knows: `github_com.x.shop.internal.db.Open` is `Open` of the package `internal.db`.
        """
        if self._siblings:
            for end in range(len(parts) - 1, 0, -1):
                for start in range(end):
                    found = self._sibling(parts[end], ".".join(parts[start:end]))
                    if found is not None:
                        return found, parts[end + 1 :]
        return None, []

    def _aliased(self, target: str, importer: ModuleScope) -> tuple[ModuleScope | None, list[str]]:
        """JavaScript's settings give folders names of their own: `@services/x` is mostly `src/services/x`, `@app/a/b`
        some `a/b`. Of several, the one nearest to the importer.
        """
        if self._ends is None:
            self._ends = {}
            for scope in self.modules.values():
                self._ends.setdefault(scope.name.rpartition(".")[2], []).append(scope)
        for name, least in alias_meanings(target):
            parts = name.split(".")
            for end in range(len(parts), least - 1, -1):
                wanted = ".".join(parts[: end - 1] if parts[end - 1] == "index" else parts[:end])
                ends = self._ends.get(wanted.rpartition(".")[2], ())
                found = [one for one in ends if one is not importer and f".{one.name}".endswith(f".{wanted}")]
                if found:
                    near = (len(commonprefix((one.name, importer.name))) - len(one.name) / 1_000 for one in found)
                    return max(zip(near, found, strict=True), key=lambda pair: pair[0])[1], parts[end:]
        return None, []

    def _module(self, target: str, importer: ModuleScope) -> tuple[ModuleScope | None, list[str]]:
        """The nearest root counts, unless it knows less of the name: `tests/lsp` does not hide `lsp/convert.py`."""
        parts = target.split(".")
        best: ModuleScope | None = None
        known, root = 0, importer.name
        while True:
            prefix = f"{root}." if root else ""
            if (not root or self._may_hide(parts[0], prefix, importer)) and self._starts(prefix + parts[0]):
                for end in range(len(parts), known, -1):
                    module = self.modules.get(prefix + ".".join(parts[:end]))
                    if module is not None:
                        best, known = module, end
                        break
            if not root or known == len(parts):
                return best, parts[known:]
            root = root.rpartition(".")[0]

    def _may_hide(self, name: str, prefix: str, importer: ModuleScope) -> bool:
        return name not in self._outside and f"{prefix}{name}" != importer.name

    def _starts(self, name: str) -> bool:
        return name in self.modules or name in self._packages

    def member(self, of: Resolved | None, name: str, hops: int = 0) -> Resolved | None:
        """`module.name`, `Class.method`, `library.name`."""
        if isinstance(of, ModuleScope):
            return self.name(name, of, hops)
        if isinstance(of, Library):
            found, rest = self._packaged([*of.name.split("."), name])
            return found if found is not None and not rest else Library(f"{of.name}.{name}")
        if isinstance(of, ClassScope):
            return self.method(of, name)
        if isinstance(of, Variable):
            made = self.maker(of)
            return Library(f"{made.name}.{name}") if made is not None else None
        return None

    def maker(self, of: Variable) -> Library | None:
        """What of a library made the value of a variable: a class, or a function like `declarative_base`."""
        callee = of.scope.made.get(of.name)
        found = self.type_of_owner(callee, of.scope) if callee is not None else None
        return found if isinstance(found, Library) else None

    # Classes

    def lineage(self, of: ClassScope) -> tuple[tuple[ClassScope, ...], tuple[Library, ...]]:
        """The class and its bases in the project, nearest first; and its bases outside."""
        of = self.classes.get(of.key, of)
        if of.order is not None:
            return of.order
        of.order = ((of,), ())
        classes = [of]
        libraries: list[Library] = []
        for base in _bases(of.definition.bases):
            found = self.type_of(base, of.scope)
            if isinstance(found, ClassScope):
                inner, outer = self.lineage(found)
                classes.extend(c for c in inner if c not in classes)
                libraries.extend(outer)
            elif isinstance(found, Library):
                libraries.append(found)
        of.order = (tuple(classes), tuple(libraries))
        of.found, of.attributes, of.numbers = (
            {},
            {},
            {},
        )  # What was looked up meanwhile was looked up in the class alone.
        return of.order

    def method(self, of: ClassScope, name: str) -> Unit | None:
        of = self.classes.get(of.key, of)
        try:
            return of.found[name]
        except KeyError:
            methods = (scope.methods.get(name) for scope in self.lineage(of)[0])
            found = of.found[name] = next((unit for unit in methods if unit is not None), None)
            return found

    def attribute(self, of: ClassScope, name: str) -> tuple[tuple[tuple[str, str], ClassScope | Library | None], ...]:
        """The places in which an attribute of an object is kept, of its class and its bases, and the declared types."""
        of = self.classes.get(of.key, of)
        try:
            return of.attributes[name]
        except KeyError:
            found = of.attributes[name] = tuple(
                ((scope.key, "." + name), self.type_of(scope.annotations.get(name), scope.scope))
                for scope in self.lineage(of)[0]
            )
            return found

    def methods_named(self, name: str) -> list[Unit]:
        """Of all classes but those of tests; where one inherits from the other, that of the one above."""
        if self._methods is None:
            self._methods = {}
            for module in self.modules.values():
                for scope in module.classes.values() if not module.module.is_test else ():
                    for method, unit in scope.methods.items():
                        self._methods.setdefault(method, []).append(unit)
        found = self._methods.get(name, [])
        if not 1 < len(found) <= MAX_IMPLEMENTATIONS:
            return found
        owners = {unit.owner.key for unit in found if unit.owner is not None}
        return [u for u in found if u.owner and not {c.key for c in self.lineage(u.owner)[0][1:]} & owners]

    def overriding(self, of: ClassScope, name: str) -> list[Unit]:
        """Methods of that name in the classes that inherit from this one."""
        if self.subclasses is None:
            self.subclasses = {}
            for module in self.modules.values():
                for scope in module.classes.values():
                    for base in self.lineage(scope)[0][1:]:
                        self.subclasses.setdefault(base.key, []).append(scope)
            self._add_implementations(self.subclasses)
        having = self.subclasses.get(of.key, [])
        for base in self.lineage(of)[0][1:] if not having else ():
            unit = base.methods.get(name)
            if unit is not None and unit.function is not None and not unit.function.body:
                # `Orders extends JpaRepository, OrderQueries`: some other class does what the second promises.
                having = having + [s for s in self.subclasses.get(base.key, ()) if s is not of]
        return [s.methods[name] for s in having if name in s.methods]

    def _add_implementations(self, subclasses: dict[str, list[ClassScope]]) -> None:
        """Go's classes do not say which interfaces they have the methods of."""
        having: dict[str, list[ClassScope]] = {}
        classes = [scope for module in self.modules.values() for scope in module.classes.values()]
        interfaces = [scope for scope in classes if scope.definition.is_interface]
        wanted = {name for interface in interfaces for name in interface.methods}
        for scope in classes if wanted else ():
            for name in wanted.intersection(scope.methods) if not scope.definition.is_interface else ():
                having.setdefault(name, []).append(scope)
        for interface in interfaces:
            if not interface.methods:
                continue
            first, *others = sorted(interface.methods, key=lambda name: len(having.get(name, ())))
            found = [scope for scope in having.get(first, ()) if all(name in scope.methods for name in others)]
            if len(found) <= MAX_IMPLEMENTATIONS:
                subclasses.setdefault(interface.key, []).extend(found)

    def type_of(self, annotation: Expr | None, scope: ModuleScope) -> ClassScope | Library | None:
        """The class that an annotation or a base names: `Optional[User]`, `User | None` and `Annotated[User, ...]` are
        `User`.
        """
        if isinstance(annotation, Name):
            found = self.name(annotation.id, scope)
            if found is None:
                found = self._builtin(annotation.id)
        elif isinstance(annotation, Attr):
            found = self.member(self.type_of_owner(annotation.base, scope), annotation.name)
        elif isinstance(annotation, Item):
            return self._generic(annotation, scope)
        elif isinstance(annotation, Unknown):
            kinds = (self.type_of(part, scope) for part in annotation.parts)
            return next((kind for kind in kinds if kind is not None), None)
        else:
            return None
        if isinstance(found, Variable):
            alias = found.scope.aliases.get(found.name)
            found = self.maker(found) if alias is None else self._generic(alias, found.scope)
        if isinstance(found, ClassScope) and found.key not in _ANYTHING:
            return found
        return found if isinstance(found, Library) else None

    def annotated(self, annotation: Expr | None, scope: ModuleScope) -> tuple[Iterable[Expr], ModuleScope]:
        """What `Annotated[User, Depends(get_user)]` says beside the type, there or where a variable stands for it; and
        the module whose names that uses.
        """
        if isinstance(annotation, (Name, Attr)):
            found = self.type_of_owner(annotation, scope)
            if not isinstance(found, Variable):
                return (), scope
            annotation, scope = found.scope.aliases.get(found.name), found.scope
        if not isinstance(annotation, Item) or not isinstance(annotation.key, Collection):
            return (), scope
        base = annotation.base
        if (base.id if isinstance(base, Name) else base.name if isinstance(base, Attr) else "") != "Annotated":
            return (), scope
        return (item for _, item in annotation.key.items[1:]), scope

    def type_of_owner(self, owner: Expr, scope: ModuleScope) -> Resolved | None:
        if isinstance(owner, Name):
            return self.name(owner.id, scope)
        if isinstance(owner, Attr):
            return self.member(self.type_of_owner(owner.base, scope), owner.name)
        return None

    def _builtin(self, name: str) -> Library | None:
        return Library(name) if name in _BUILTIN_TYPES else None

    def _generic(self, annotation: Item, scope: ModuleScope) -> ClassScope | Library | None:
        base = annotation.base
        name = base.id if isinstance(base, Name) else base.name if isinstance(base, Attr) else ""
        key = annotation.key
        if name in ("Optional", "Annotated", "Union", "Final", "ClassVar", "Type", "type"):
            if isinstance(key, Collection):
                kinds = (self.type_of(item, scope) for _, item in key.items)
                return next((kind for kind in kinds if kind is not None), None)
            return self.type_of(key, scope)
        if name == "Literal":
            return Library("typing.Literal")
        return self.type_of(base, scope)


def _bases(written: Iterable[Expr]) -> Iterator[Expr]:
    """Those that a call makes a class of too: `Manager.from_queryset(Books)`, `with_metaclass(Meta, Model)`."""
    for base in written:
        if isinstance(base, Call):
            if isinstance(base.callee, Attr):
                yield base.callee.base
            yield from base.args
        else:
            yield base


_ANYTHING = frozenset({"typing.Any", "typing_extensions.Any"})
"""Classes by which nothing is said, also where the project has the file that defines them: else all that is written
into anything would be in everything.
"""

_BUILTIN_TYPES = frozenset(
    {"int", "float", "bool", "str", "bytes", "complex", "list", "dict", "set", "tuple", "frozenset", "bytearray"}
)
