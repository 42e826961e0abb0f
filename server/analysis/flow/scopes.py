"""The names that modules and classes bind, as the text has them. What they lead to, `names.py` finds out."""

from collections.abc import Iterable, Iterator, Set

from server.analysis.flow.program import (
    Assign,
    Attr,
    Call,
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
    With,
)
from server.analysis.flow.references import Library


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
    __slots__ = ("annotations", "attributes", "definition", "found", "key", "methods", "numbers", "order", "scope")

    def __init__(self, definition: Class, scope: "ModuleScope") -> None:
        self.definition = definition
        self.scope = scope
        self.key = definition.qualified
        self.methods: dict[str, Unit] = {}
        self.annotations: dict[str, Expr] = {}
        """Declared types of attributes, in the order of the text."""
        self.order: tuple[tuple[ClassScope, ...], tuple[Library, ...]] | None = None
        self.found: dict[str, Unit | None] = {}
        """The methods that were looked up, its bases' too, as long as the project stays as it is."""
        self.attributes: dict[str, tuple[tuple[tuple[str, str], ClassScope | Library | None], ...]] = {}
        """Of attributes that were looked up, as long: where what is in them stands, and the declared type."""
        self.numbers: dict[str, bool] = {}
        """Of attributes that were looked up, as long: whether they are declared to hold what does no harm."""


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
    __slots__ = (
        "aliases",
        "asked",
        "classes",
        "imports",
        "key",
        "made",
        "module",
        "name",
        "names",
        "plain",
        "resolved",
        "stars",
        "unit",
        "units",
    )

    def __init__(self, module: Module, before: "ModuleScope | None" = None) -> None:
        """*before*: of the same module, with which it may share functions."""
        self.module = module
        self.name = module.name
        self.key = ("module", module.name)
        self.names: dict[str, Definition] = {}
        self.made: dict[str, Expr] = {}
        """Of variables, what is called for their value: `db = SQLAlchemy(app)`."""
        self.aliases: dict[str, Item] = {}
        """Of variables that stand for a type, what they say of it: `Owner = Annotated[User, Depends(get_user)]`."""
        self.asked: set[str] = set()
        """The names that somebody looked up here, in other modules too."""
        self.stars: list[str] = []
        self.imports: set[str] = set()
        """The packages that the module imports from, and their modules."""
        self.classes: dict[str, ClassScope] = {}
        self.unit = Unit(module.name, None, self, None)
        self.units: dict[str, Unit] = {module.name: self.unit}
        self.resolved: dict[str, Resolved | None] = {}
        self.plain: set[Function] = set()
        """Those in which nothing is defined or imported."""
        self._collect(module.body, self.names, before.plain if before is not None else frozenset(), at_top=True)

    def _collect(
        self, body: Iterable[Statement], names: dict[str, Definition], plain: Set[Function], *, at_top: bool
    ) -> bool:
        """*at_top*: these statements run in the module itself; within functions only classes and imports are looked
        for. Answers whether there is any.
        """
        is_plain = True
        for statement in body:
            kind = statement.__class__
            if isinstance(statement, Define):
                if at_top:
                    names[statement.function.name] = self._add_unit(statement.function, None)
                is_plain &= not self._collect_within(statement.function, plain)
            elif isinstance(statement, DefineClass):
                is_plain = False
                scope = self._add_class(statement.definition, plain)
                if at_top:
                    names[scope.definition.name] = scope
            elif isinstance(statement, Assign):
                if at_top:
                    if isinstance(statement.value, Call) and isinstance(statement.targets[0], Name):
                        self.made.setdefault(statement.targets[0].id, statement.value.callee)
                    elif isinstance(statement.value, Item) and isinstance(statement.targets[0], Name):
                        self._add_alias(statement.targets[0].id, statement.value)
                    for target in statement.targets:
                        for name in _names_in(target):
                            if not isinstance(names.get(name), (Unit, ClassScope)):
                                names[name] = Variable(self, name)
            elif isinstance(statement, Import):
                is_plain = False
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
                    is_plain &= not self._collect(inner, names, plain, at_top=at_top)
        return not is_plain

    def _collect_within(self, function: Function, plain: Set[Function]) -> bool:
        """The same, of a function's body. *plain*: of which that is known."""
        if function not in plain and self._collect(function.body, {}, plain, at_top=False):
            return True
        self.plain.add(function)
        return False

    def _add_alias(self, name: str, value: Item) -> None:
        base = value.base
        if (base.id if isinstance(base, Name) else base.name if isinstance(base, Attr) else "") == "Annotated":
            self.aliases.setdefault(name, value)

    def _add_unit(self, function: Function, owner: ClassScope | None) -> Unit:
        key = function.qualified
        while key in self.units:
            key += "'"
        unit = self.units[key] = Unit(key, function, self, owner)
        return unit

    def _add_class(self, definition: Class, plain: Set[Function]) -> ClassScope:
        scope = ClassScope(definition, self)
        while scope.key in self.classes:
            scope.key += "'"
        self.classes[scope.key] = scope
        self._collect_class(definition.body, scope, plain)
        return scope

    def _collect_class(self, body: list[Statement], scope: ClassScope, plain: Set[Function]) -> None:
        for statement in body:
            if isinstance(statement, Define):
                unit = self._add_unit(statement.function, scope)
                scope.methods[statement.function.name] = unit
                self._collect_within(statement.function, plain)
            elif isinstance(statement, DefineClass):
                self._add_class(statement.definition, plain)
            elif isinstance(statement, Assign):
                target = statement.targets[0]
                if statement.annotation is not None and isinstance(target, Name):
                    scope.annotations[target.id] = statement.annotation
            else:
                for inner in blocks_of(statement):
                    self._collect_class(inner, scope, plain)


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
