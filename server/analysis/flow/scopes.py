"""The names of a project: its modules, their classes and functions, and what an import leads to.

Static: nothing here is evaluated. A name that leads out of the project is a `Library`.
"""

from collections.abc import Iterable, Iterator, Set

from server.analysis.flow.program import (
    Assign,
    Attr,
    Class,
    Collection,
    Define,
    DefineClass,
    Expr,
    Function,
    If,
    Import,
    Item,
    Loop,
    Module,
    Name,
    Statement,
    Try,
    Unknown,
    With,
)
from server.analysis.flow.references import Library

MAX_HOPS = 12
"""How many re-exports are followed."""


class Unit:
    """What is evaluated on its own: a function, a method, or a module's body (*function* is None)."""

    __slots__ = ("function", "is_bound", "key", "line", "owner", "scope")

    def __init__(self, key: str, function: Function | None, scope: "ModuleScope", owner: "ClassScope | None") -> None:
        self.key = key
        self.function = function
        self.scope = scope
        self.owner = owner
        self.line: int = 0 if function is None else function.line
        self.is_bound: bool = function is not None and function.is_method and not function.is_static

    @property
    def name(self) -> str:
        return self.function.name if self.function is not None else self.scope.name


class ClassScope:
    __slots__ = ("annotations", "definition", "key", "methods", "order", "scope")

    def __init__(self, definition: Class, scope: "ModuleScope") -> None:
        self.definition = definition
        self.scope = scope
        self.key = definition.qualified
        self.methods: dict[str, Unit] = {}
        self.annotations: dict[str, Expr] = {}
        """Declared types of attributes, in the order of the text."""
        self.order: tuple[tuple[ClassScope, ...], tuple[Library, ...]] | None = None


class Variable:
    """A variable of a module."""

    __slots__ = ("key", "name", "scope")

    def __init__(self, scope: "ModuleScope", name: str) -> None:
        self.scope = scope
        self.name = name
        self.key = ("variable", scope.name, name)


class Imported:
    """A name that an import binds; *target* is dotted."""

    __slots__ = ("target",)

    def __init__(self, target: str) -> None:
        self.target = target


Definition = Unit | ClassScope | Variable | Imported


class ModuleScope:
    __slots__ = ("asked", "classes", "imports", "key", "module", "name", "names", "resolved", "stars", "unit", "units")

    def __init__(self, module: Module) -> None:
        self.module = module
        self.name = module.name
        self.key = ("module", module.name)
        self.names: dict[str, Definition] = {}
        self.asked: set[str] = set()
        """The names that somebody looked up here, in other modules too."""
        self.stars: list[str] = []
        self.imports: set[str] = set()
        """The packages that the module imports from, and their modules."""
        self.classes: dict[str, ClassScope] = {}
        self.unit = Unit(module.name, None, self, None)
        self.units: dict[str, Unit] = {module.name: self.unit}
        self.resolved: dict[str, Resolved | None] = {}
        self._collect(module.body, self.names, at_top=True)

    def _collect(self, body: Iterable[Statement], names: dict[str, Definition], *, at_top: bool) -> None:
        """*at_top*: these statements run in the module itself; within functions only classes are looked for."""
        for statement in body:
            kind = statement.__class__
            if isinstance(statement, Define):
                if at_top:
                    names[statement.function.name] = self._add_unit(statement.function, None)
                self._collect(statement.function.body, names, at_top=False)
            elif isinstance(statement, DefineClass):
                scope = self._add_class(statement.definition)
                if at_top:
                    names[scope.definition.name] = scope
            elif isinstance(statement, Assign):
                if at_top:
                    for target in statement.targets:
                        for name in _names_in(target):
                            if not isinstance(names.get(name), (Unit, ClassScope)):
                                names[name] = Variable(self, name)
            elif isinstance(statement, Import):
                for name, imported in statement.bindings:
                    self.imports.add(imported)
                    self.imports.add(imported.partition(".")[0])
                    if name == "*":
                        self.stars.append(imported)
                    elif at_top and name not in names:
                        names[name] = Imported(imported)
            elif kind in (If, Loop, Try, With):
                if at_top and isinstance(statement, (Loop, With)):
                    for target in _bound_by(statement):
                        for name in _names_in(target):
                            names.setdefault(name, Variable(self, name))
                for inner in blocks_of(statement):
                    self._collect(inner, names, at_top=at_top)

    def _add_unit(self, function: Function, owner: ClassScope | None) -> Unit:
        key = function.qualified
        while key in self.units:
            key += "'"
        unit = self.units[key] = Unit(key, function, self, owner)
        return unit

    def _add_class(self, definition: Class) -> ClassScope:
        scope = ClassScope(definition, self)
        while scope.key in self.classes:
            scope.key += "'"
        self.classes[scope.key] = scope
        self._collect_class(definition.body, scope)
        return scope

    def _collect_class(self, body: list[Statement], scope: ClassScope) -> None:
        for statement in body:
            if isinstance(statement, Define):
                unit = self._add_unit(statement.function, scope)
                scope.methods[statement.function.name] = unit
                self._collect(statement.function.body, {}, at_top=False)
            elif isinstance(statement, DefineClass):
                self._add_class(statement.definition)
            elif isinstance(statement, Assign):
                target = statement.targets[0]
                if statement.annotation is not None and isinstance(target, Name):
                    scope.annotations[target.id] = statement.annotation
            else:
                for inner in blocks_of(statement):
                    self._collect_class(inner, scope)


def blocks_of(statement: Statement) -> Iterator[list[Statement]]:
    """The blocks within a compound statement, not those of definitions."""
    if isinstance(statement, If):
        yield statement.body
        orelse = statement.orelse
        while len(orelse) == 1 and isinstance(orelse[0], If):  # A long chain of `elif` nests deeply.
            yield orelse[0].body
            orelse = orelse[0].orelse
        yield orelse
    elif isinstance(statement, Loop):
        yield statement.body
        yield statement.orelse
    elif isinstance(statement, Try):
        yield statement.body
        for handler in statement.handlers:
            yield handler.body
        yield statement.orelse
        yield statement.final
    elif isinstance(statement, With):
        yield statement.body


def _bound_by(statement: Loop | With) -> Iterator[Expr]:
    targets = [statement.target] if isinstance(statement, Loop) else [target for _, target in statement.items]
    return (target for target in targets if target is not None)


def _names_in(target: Expr) -> Iterator[str]:
    if isinstance(target, Name):
        yield target.id
    elif isinstance(target, Collection):
        for _, item in target.items:
            yield from _names_in(item)


Resolved = Unit | ClassScope | Variable | ModuleScope | Library
"""What a name leads to."""


class Project:
    """All modules of one language. *outside*: libraries, which a module in a folder below the root does not hide."""

    def __init__(self, modules: Iterable[Module], outside: Set[str] = frozenset()) -> None:
        self._outside = outside
        self.modules: dict[str, ModuleScope] = {}
        self.by_path: dict[str, ModuleScope] = {}
        self.units: dict[str, Unit] = {}
        self.classes: dict[str, ClassScope] = {}
        self.subclasses: dict[str, list[ClassScope]] | None = None
        self._packages: set[str] = set()
        self._siblings: dict[str, list[ModuleScope]] = {}
        for module in modules:
            self.add(module)

    def add(self, module: Module) -> ModuleScope:
        """A module of a name that is taken (`a/x.py` and `src/a/x.py`) is known by its path."""
        if module.name in self.modules:
            module.name = module.path
        scope = ModuleScope(module)
        self.modules[scope.name] = self.by_path[module.path] = scope
        if module.package:
            self._siblings.setdefault(module.package, []).append(scope)
        self.units.update(scope.units)
        self.classes.update(scope.classes)
        package = scope.name.rpartition(".")[0]
        while package and package not in self._packages:
            self._packages.add(package)
            package = package.rpartition(".")[0]
        return scope

    def replace(self, module: Module) -> tuple[ModuleScope, ModuleScope]:
        """Put a module in the place of the one of its path. What names mean is found out anew."""
        old = self.by_path[module.path]
        for key in old.units:
            self.units.pop(key, None)
        for key in old.classes:
            self.classes.pop(key, None)
        module.name = old.name
        new = ModuleScope(module)
        new.asked = old.asked
        self.modules[new.name] = self.by_path[module.path] = new
        self.units.update(new.units)
        self.classes.update(new.classes)
        self.subclasses = None
        for scope in self.modules.values():
            scope.resolved.clear()
        for definition in self.classes.values():
            definition.order = None
        return old, new

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
        if module is None:
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

    def _module(self, target: str, importer: ModuleScope) -> tuple[ModuleScope | None, list[str]]:
        parts = target.split(".")
        root = importer.name
        while True:
            prefix = f"{root}." if root else ""
            if (not root or self._may_hide(parts[0], prefix, importer)) and self._starts(prefix + parts[0]):
                for end in range(len(parts), 0, -1):
                    module = self.modules.get(prefix + ".".join(parts[:end]))
                    if module is not None:
                        return module, parts[end:]
            if not root:
                return None, parts
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
        return None

    # Classes

    def lineage(self, of: ClassScope) -> tuple[tuple[ClassScope, ...], tuple[Library, ...]]:
        """The class and its bases in the project, nearest first; and its bases outside."""
        of = self.classes.get(of.key, of)
        if of.order is not None:
            return of.order
        of.order = ((of,), ())
        classes = [of]
        libraries: list[Library] = []
        for base in of.definition.bases:
            found = self.type_of(base, of.scope)
            if isinstance(found, ClassScope):
                inner, outer = self.lineage(found)
                classes.extend(c for c in inner if c not in classes)
                libraries.extend(outer)
            elif isinstance(found, Library):
                libraries.append(found)
        of.order = (tuple(classes), tuple(libraries))
        return of.order

    def method(self, of: ClassScope, name: str) -> Unit | None:
        for scope in self.lineage(of)[0]:
            unit = scope.methods.get(name)
            if unit is not None:
                return unit
        return None

    def overriding(self, of: ClassScope, name: str) -> list[Unit]:
        """Methods of that name in the classes that inherit from this one."""
        if self.subclasses is None:
            self.subclasses = {}
            for module in self.modules.values():
                for scope in module.classes.values():
                    for base in self.lineage(scope)[0][1:]:
                        self.subclasses.setdefault(base.key, []).append(scope)
        return [s.methods[name] for s in self.subclasses.get(of.key, ()) if name in s.methods]

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
        return found if isinstance(found, (ClassScope, Library)) else None

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


_BUILTIN_TYPES = frozenset(
    {"int", "float", "bool", "str", "bytes", "complex", "list", "dict", "set", "tuple", "frozenset", "bytearray"}
)


def dotted_name(node: Expr | None) -> str:
    """`a.b.c` for an expression of that form, or ""."""
    parts: list[str] = []
    while isinstance(node, Attr):
        parts.append(node.name)
        node = node.base
    if not isinstance(node, Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))
