"""A program as the flow analysis sees it: one small language that every parser lowers its own into.

Only what carries values is kept. Transparent things (`await`, parentheses, casts) are lowered to what they hold; what
has no meaning here becomes `Unknown` with the expressions inside it, so that nothing which is evaluated gets lost.
Lines are 1-based. Plain classes with slots: a large project has a million of them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from server.analysis.language import Language
from server.analysis.source import Span

Literal = str | bytes | int | float | complex | bool | None


@dataclass(slots=True, eq=False)
class Const:
    line: int
    value: Literal


@dataclass(slots=True, eq=False)
class Name:
    line: int
    id: str


@dataclass(slots=True, eq=False)
class Attr:
    """`base.name`; also PHP's `$base->name` and Ruby's `@name` (base is `Name("self")`)."""

    line: int
    base: "Expr"
    name: str


@dataclass(slots=True, eq=False)
class Item:
    """`base[key]`; a slice has the key None."""

    line: int
    base: "Expr"
    key: "Expr | None"


@dataclass(slots=True, eq=False)
class Call:
    """*keywords*: (None, e) is `**e`. *new*: `new X()` in languages that say so; `X()` of a class in Python is no
    `new`.
    """

    line: int
    callee: "Expr"
    args: "list[Expr]"
    keywords: "list[tuple[str | None, Expr]]"
    span: Span
    new: bool = False


class Building(StrEnum):
    """How a text is put together. PATH: as a path, of which an absolute part throws away what stands before it."""

    CONCAT = "+"
    TEMPLATE = "template"
    PERCENT = "%"
    FORMAT = "format"
    PATH = "path"


@dataclass(slots=True, eq=False)
class Text:
    """A text put together: *parts* in order, its literal pieces as `Const`. `a + b` too, also where both may be
    numbers.
    """

    line: int
    parts: "list[Expr]"
    how: Building
    span: Span


class Operator(StrEnum):
    """COMPARE: the result is a truth and carries nothing. ARITHMETIC: a number, if it works at all."""

    AND = "and"
    OR = "or"
    NOT = "not"
    COMPARE = "compare"
    ARITHMETIC = "arithmetic"


@dataclass(slots=True, eq=False)
class Op:
    """*sign*: the operator as written (`==`, `in`, `not in`, `-`), for guards."""

    line: int
    operator: Operator
    operands: "list[Expr]"
    sign: str = ""


class Shape(StrEnum):
    LIST = "list"
    TUPLE = "tuple"
    SET = "set"
    DICT = "dict"


@dataclass(slots=True, eq=False)
class Collection:
    """A display. *items*: (key, value); the key is None in all but a dict, and for `**spread` in one."""

    line: int
    shape: Shape
    items: "list[tuple[Expr | None, Expr]]"


@dataclass(slots=True, eq=False)
class Each:
    """A comprehension. *loops*: (target, iterable, conditions). *key*: of a dict."""

    line: int
    shape: Shape
    value: "Expr"
    key: "Expr | None"
    loops: "list[tuple[Expr, Expr, list[Expr]]]"


@dataclass(slots=True, eq=False)
class Choice:
    """`yes if test else no`."""

    line: int
    test: "Expr"
    yes: "Expr"
    no: "Expr"


@dataclass(slots=True, eq=False)
class Let:
    """An assignment that is an expression: `(n := f())`, JavaScript's `a = b`."""

    line: int
    target: "Expr"
    value: "Expr"


@dataclass(slots=True, eq=False)
class Closure:
    """A lambda or function expression."""

    line: int
    function: "Function"


@dataclass(slots=True, eq=False)
class Spread:
    """`*e` or `...e` among arguments, items or targets."""

    line: int
    value: "Expr"


@dataclass(slots=True, eq=False)
class Yield:
    line: int
    value: "Expr | None"


@dataclass(slots=True, eq=False)
class Unknown:
    """Something else; *parts* are evaluated, and the result may carry any of them."""

    line: int
    parts: "list[Expr]"


Expr = (
    Const
    | Name
    | Attr
    | Item
    | Call
    | Text
    | Op
    | Collection
    | Each
    | Choice
    | Let
    | Closure
    | Spread
    | Yield
    | Unknown
)


@dataclass(slots=True, eq=False)
class Assign:
    """`a = b = value`. *targets* are Name, Attr, Item, Collection of these (unpacking) or Spread.

    *augmented*: `+=` and its kin, with the old value in *value* already (`x += y` is `x = Text[x, y]`). *annotation*: a
    declared type, as an expression of names (`Item` for generics).
    """

    line: int
    targets: "list[Expr]"
    value: "Expr"
    span: Span
    augmented: bool = False
    annotation: "Expr | None" = None


@dataclass(slots=True, eq=False)
class Do:
    """An expression for its effect."""

    line: int
    value: "Expr"


@dataclass(slots=True, eq=False)
class Return:
    line: int
    value: "Expr | None"
    span: Span


@dataclass(slots=True, eq=False)
class Raise:
    line: int
    value: "Expr | None"


@dataclass(slots=True, eq=False)
class Jump:
    """`break` or `continue`."""

    line: int


@dataclass(slots=True, eq=False)
class If:
    line: int
    test: "Expr"
    body: "list[Statement]"
    orelse: "list[Statement]"


@dataclass(slots=True, eq=False)
class Loop:
    """`for target in iterable` (test None), or `while test` (target and iterable None)."""

    line: int
    target: "Expr | None"
    iterable: "Expr | None"
    test: "Expr | None"
    body: "list[Statement]"
    orelse: "list[Statement]"


@dataclass(slots=True, eq=False)
class Handler:
    """*types*: the dotted names that are caught; empty catches all. *name*: what the exception is bound to, or ""."""

    line: int
    types: list[str]
    name: str
    body: "list[Statement]"


@dataclass(slots=True, eq=False)
class Try:
    line: int
    body: "list[Statement]"
    handlers: list[Handler]
    orelse: "list[Statement]"
    final: "list[Statement]"


@dataclass(slots=True, eq=False)
class With:
    """*items*: (what is entered, what it is bound to)."""

    line: int
    items: "list[tuple[Expr, Expr | None]]"
    body: "list[Statement]"


@dataclass(slots=True, eq=False)
class Define:
    line: int
    function: "Function"


@dataclass(slots=True, eq=False)
class DefineClass:
    line: int
    definition: "Class"


@dataclass(slots=True, eq=False)
class Import:
    """*bindings*: (local name, what it stands for), dotted. ("*", module) brings in everything of a module.

    Python's relative imports are resolved by the lowering (`.models` in `shop/views.py` is `shop.models`); JavaScript's
    `./db` becomes the path of the module without its suffix, with dots: `src.db`. A default export is `src.db.default`.
    """

    line: int
    bindings: list[tuple[str, str]]


@dataclass(slots=True, eq=False)
class Outer:
    """`global` and `nonlocal`: these names belong to a scope further out."""

    line: int
    names: list[str]


Statement = Assign | Do | Return | Raise | Jump | If | Loop | Try | With | Define | DefineClass | Import | Outer


class ParamKind(StrEnum):
    PLAIN = "plain"
    REST = "rest"
    KEYWORDS = "keywords"
    KEYWORD_ONLY = "keyword only"


@dataclass(slots=True, eq=False)
class Param:
    """*pattern*: what a destructuring parameter binds instead of its name (JavaScript's `({body}) => ...`)."""

    name: str
    kind: ParamKind = ParamKind.PLAIN
    default: "Expr | None" = None
    annotation: "Expr | None" = None
    decorators: "list[Expr]" = field(default_factory=list)
    pattern: "Expr | None" = None


@dataclass(slots=True, eq=False)
class Function:
    """*qualified*: `module.Class.method`. A method's first parameter is there in all languages (`self`, `this`)."""

    name: str
    qualified: str
    params: list[Param]
    body: list[Statement]
    line: int
    end_line: int
    decorators: "list[Expr]" = field(default_factory=list)
    returns: "Expr | None" = None
    is_async: bool = False
    is_method: bool = False
    is_static: bool = False
    written: int = 0
    """A hash of its text where the text alone says what it is lowered to; 0 where it does not."""


@dataclass(slots=True, eq=False)
class Class:
    name: str
    qualified: str
    bases: "list[Expr]"
    body: list[Statement]
    line: int
    end_line: int
    decorators: "list[Expr]" = field(default_factory=list)
    is_interface: bool = False
    """Of Go: a class that has its methods is one, and does not say so."""


NO_NAMESPACE = "\\"
"""The package of PHP's files that have no namespace: their functions are seen in all namespaces."""


@dataclass(slots=True, eq=False)
class Module:
    """One file. *name*: dotted, as others import it (`shop.views`).

    *package*: what several files are together where a language has that (Go's and Java's packages): they see each
    other's names, and an import names the package.
    """

    path: str
    name: str
    language: Language
    is_test: bool
    body: list[Statement]
    package: str = ""
