"""Declared types: what an annotation says of a value, and which types hold nothing that does harm."""

from server.analysis.flow.frames import Frame
from server.analysis.flow.patterns import is_strict
from server.analysis.flow.program import Assign, Attr, Call, Collection, Const, Expr, Item, Name
from server.analysis.flow.references import Instance, Library
from server.analysis.flow.scopes import ClassScope, Unit
from server.analysis.flow.values import NOTHING, Value, with_references

_HARMLESS = frozenset(
    {
        *("int", "float", "bool", "complex", "uuid.UUID", "decimal.Decimal", "typing.Literal", "enum.Enum"),
        *("enum.IntEnum", "enum.StrEnum", "enum.IntFlag", "enum.Flag", "datetime.datetime", "datetime.date"),
        *("datetime.time", "datetime.timedelta", "pydantic.UUID4", "pydantic.PositiveInt", "pydantic.conint"),
        *("ipaddress.IPv4Address", "ipaddress.IPv6Address", "numbers.Number", "pydantic.NonNegativeInt"),
    }
)

_PLAIN = frozenset({"str", "bytes", "list", "dict", "set", "tuple", "frozenset", "bytearray", "object"})
"""Types that tell nothing: such a value is as hostile as who sent it, and has no methods that a model knows."""


def declared_type(annotation: Expr | None, frame: Frame) -> ClassScope | Library | None:
    return frame.solver.project.type_of(annotation, frame.scope) if annotation is not None else None


def is_harmless(kind: ClassScope | Library | None, frame: Frame) -> bool:
    if isinstance(kind, Library):
        return kind.name in _HARMLESS
    if isinstance(kind, ClassScope):
        return any(library.name in _HARMLESS for library in frame.solver.project.lineage(kind)[1])
    return False


def value_of_type(kind: ClassScope | Library) -> Value:
    if isinstance(kind, ClassScope):
        return Value((), (Instance(kind),))
    if kind.name in _PLAIN or kind.name.startswith("typing."):
        return NOTHING
    return Value((), (Library(kind.name, is_instance=True),))


def declared(value: Value, annotation: Expr, frame: Frame) -> Value:
    """A value that is assigned to a variable of a declared type."""
    kind = declared_type(annotation, frame)
    if kind is None:
        return value
    if is_harmless(kind, frame):
        return Value((), (), value.const, value.text) if value.taints else value
    return with_references(value, value_of_type(kind).refs)


def is_service(value: Value, frame: Frame) -> bool:
    """An object that the program made, not the one who sent a request: a session, a request, a settings object."""
    vocabulary = frame.solver.vocabulary
    return any(isinstance(ref, Library) and vocabulary.knows(ref.name) for ref in value.refs)


_TEXTS = frozenset({"str", "strawberry.ID", "pydantic.EmailStr", "pydantic.SecretStr", "pydantic.HttpUrl", "bytes"})


def is_text(annotation: Expr | None, frame: Frame) -> bool:
    declared = declared_type(annotation, frame)
    return isinstance(declared, Library) and declared.name in _TEXTS


def is_text_field(of: ClassScope, name: str, frame: Frame) -> bool:
    """Of a class of which a framework makes objects out of requests."""
    for scope in frame.solver.project.lineage(of)[0]:
        annotation = scope.annotations.get(name)
        if annotation is not None:
            kind = frame.solver.project.type_of(annotation, scope.scope)
            return isinstance(kind, Library) and kind.name in _TEXTS
    return False


def is_number_field(of: ClassScope, name: str, frame: Frame) -> bool:
    project = frame.solver.project
    of = project.classes.get(of.key, of)
    known = of.numbers.get(name)
    if known is None:
        known = of.numbers[name] = _is_number_field(of, name, frame)
    return known


def _is_number_field(of: ClassScope, name: str, frame: Frame) -> bool:
    for scope in frame.solver.project.lineage(of)[0]:
        annotation = scope.annotations.get(name)
        if annotation is not None:
            kind = frame.solver.project.type_of(annotation, scope.scope)
            return is_harmless(kind, frame) or _is_narrow(annotation) or _is_narrow(_default(scope, name))
    return False


def _default(scope: ClassScope, name: str) -> Expr | None:
    for statement in scope.definition.body:
        if isinstance(statement, Assign) and isinstance(statement.targets[0], Name) and statement.targets[0].id == name:
            return statement.value
    return None


_CONSTRAINTS = frozenset({"constr", "Field", "StringConstraints"})


def _is_narrow(node: Expr | None) -> bool:
    """`Field(pattern=r"^[a-z]+$")`, `constr(pattern=...)`, `Annotated[str, Field(...)]`: nothing else gets in."""
    if isinstance(node, Item) and isinstance(node.key, Collection):
        return any(_is_narrow(part) for _, part in node.key.items)
    if not isinstance(node, Call) or _last_name(node) not in _CONSTRAINTS:
        return False
    patterns = [
        value.value for name, value in node.keywords if name in ("pattern", "regex") and isinstance(value, Const)
    ]
    return any(isinstance(p, str) and p.startswith("^") and is_strict(p, anchored=False) for p in patterns)


_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property", "classproperty"})


def is_property(unit: Unit) -> bool:
    return _has_decorator(unit, _PROPERTIES)


def is_class_method(unit: Unit) -> bool:
    return _has_decorator(unit, frozenset({"classmethod", "validator", "field_validator", "root_validator"}))


def _has_decorator(unit: Unit, names: frozenset[str]) -> bool:
    function = unit.function
    if function is None or not function.decorators:
        return False
    return any(_last_name(decorator) in names for decorator in function.decorators)


def _last_name(node: Expr) -> str:
    if isinstance(node, Call):
        node = node.callee
    if isinstance(node, Item):
        node = node.base
    return node.name if isinstance(node, Attr) else node.id if isinstance(node, Name) else ""
