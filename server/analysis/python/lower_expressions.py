"""Python's expressions, lowered into the language that the flow analysis reads.

Texts that are put together - f-strings, `+`, `%`, `.format()`, `.join()` - become one `Text`.
"""

import ast
import re
from collections.abc import Callable
from typing import Any

from server.analysis.flow.program import (
    Attr,
    Building,
    Call,
    Choice,
    Closure,
    Collection,
    Const,
    Each,
    Expr,
    Function,
    Item,
    Let,
    Name,
    Op,
    Operator,
    Shape,
    Spread,
    Text,
    Unknown,
    Yield,
)
from server.analysis.source import Source, Span

_TYPE_IN_TEXT = re.compile(r"[A-Za-z_][\w.]*(?:\[[\w., \[\]|]*\])?")

_LINES = tuple(range(10_000))


def _shared(line: int) -> int:
    """The same object for the same number: a large project has some millions of them."""
    return _LINES[line] if line < len(_LINES) else line


_NUMBER_FORMAT = re.compile(r"[^{}]*[bcdeEfFgGnoxX%]")


class Expressions:
    """*function* lowers a lambda: its parameters and body are the business of who lowers functions."""

    def __init__(self, source: Source, function: Callable[[Any, str], Function]) -> None:
        self._source = source
        self._is_ascii = source.text.isascii()
        self._function = function
        self._inside: tuple[int, Span] | None = None
        """The f-string around what is lowered now: before 3.12 the places within one are wrong."""

    def lower(self, node: ast.expr) -> Expr:
        return _EXPRESSIONS[node.__class__](self, node)

    def span(self, node: Any) -> Span:
        if self._inside is not None:
            return self._inside[1]
        if self._is_ascii:
            return Span(_shared(node.lineno), node.col_offset + 1, _shared(node.end_lineno), node.end_col_offset + 1)
        return self._source.span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)

    def pattern_span(self, node: ast.pattern) -> Span:
        return self.span(node)

    def line(self, node: Any) -> int:
        return _shared(node.lineno) if self._inside is None else self._inside[0]

    def end_line(self, node: Any) -> int:
        """Where the last name of a chain stands, which may span lines."""
        return node.end_lineno if self._inside is None else self._inside[0]

    def type_in_text(self, node: ast.Constant) -> Expr:
        """`"shop.User"`; anything more involved is no type that we follow."""
        if isinstance(node.value, str) and len(node.value) < 200 and _TYPE_IN_TEXT.fullmatch(node.value):
            try:
                parsed = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return Unknown(node.lineno, [])
            before, self._inside = self._inside, (node.lineno, self.span(node))
            lowered = self.lower(parsed)
            self._inside = before
            return lowered
        return Unknown(node.lineno, [])

    # Simple values

    def constant(self, node: ast.Constant) -> Expr:
        value = node.value
        return Const(self.line(node), None if value is ... else value)

    def name(self, node: ast.Name) -> Expr:
        return Name(self.line(node), node.id)

    def attribute(self, node: ast.Attribute) -> Expr:
        """A long chain nests deeply: walked along, not down."""
        names = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            names.append(base)
            base = base.value
        lowered = self.lower(base)
        for link in reversed(names):
            lowered = Attr(
                link.end_lineno or link.lineno if self._inside is None else self.line(link), lowered, link.attr
            )
        return lowered

    def subscript(self, node: ast.Subscript) -> Expr:
        key = node.slice
        base = self.lower(node.value)
        if isinstance(key, ast.Slice):
            bounds = [self.lower(part) for part in (key.lower, key.upper, key.step) if part is not None]
            if any(not isinstance(bound, (Const, Name, Op)) for bound in bounds):
                return Unknown(self.line(node), [Item(self.line(node), base, None), *bounds])
            return Item(self.line(node), base, None)
        return Item(self.line(node), base, self.lower(key))

    def awaited(self, node: Any) -> Expr:
        return self.lower(node.value)

    def spread(self, node: ast.Starred) -> Expr:
        return Spread(self.line(node), self.lower(node.value))

    def yields(self, node: Any) -> Expr:
        value = None if node.value is None else self.lower(node.value)
        if node.__class__ is ast.YieldFrom and value is not None:
            value = Item(self.line(node), value, None)
        return Yield(self.line(node), value)

    def closure(self, node: ast.Lambda) -> Expr:
        return Closure(self.line(node), self._function(node, "<lambda>"))

    def let(self, node: ast.NamedExpr) -> Expr:
        return Let(self.line(node), self.lower(node.target), self.lower(node.value))

    def choice(self, node: ast.IfExp) -> Expr:
        return Choice(self.line(node), self.lower(node.test), self.lower(node.body), self.lower(node.orelse))

    # Collections

    def sequence(self, node: Any) -> Expr:
        return Collection(self.line(node), _SHAPES[node.__class__], [(None, self.lower(e)) for e in node.elts])

    def dictionary(self, node: ast.Dict) -> Expr:
        items = [
            (None if key is None else self.lower(key), self.lower(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return Collection(self.line(node), Shape.DICT, items)

    def comprehension(self, node: Any) -> Expr:
        loops = [
            (self.lower(g.target), self.lower(g.iter), [self.lower(test) for test in g.ifs]) for g in node.generators
        ]
        return Each(self.line(node), _SHAPES[node.__class__], self.lower(node.elt), None, loops)

    def dict_comprehension(self, node: ast.DictComp) -> Expr:
        loops = [
            (self.lower(g.target), self.lower(g.iter), [self.lower(test) for test in g.ifs]) for g in node.generators
        ]
        return Each(self.line(node), Shape.DICT, self.lower(node.value), self.lower(node.key), loops)

    # Operators

    def boolean(self, node: ast.BoolOp) -> Expr:
        operator = Operator.AND if isinstance(node.op, ast.And) else Operator.OR
        return Op(self.line(node), operator, [self.lower(value) for value in node.values])

    def unary(self, node: ast.UnaryOp) -> Expr:
        if isinstance(node.op, ast.Not):
            return Op(self.line(node), Operator.NOT, [self.lower(node.operand)])
        if isinstance(node.operand, ast.Constant) and isinstance(node.op, ast.USub):
            value = node.operand.value
            if isinstance(value, (int, float)):
                return Const(self.line(node), -value)
        return Op(self.line(node), Operator.ARITHMETIC, [self.lower(node.operand)])

    def compare(self, node: ast.Compare) -> Expr:
        sign = _SIGNS[node.ops[0].__class__] if len(node.ops) == 1 else ""
        return Op(
            self.line(node), Operator.COMPARE, [self.lower(node.left), *(self.lower(c) for c in node.comparators)], sign
        )

    def binary_operation(self, node: ast.BinOp) -> Expr:
        """`a + b + c + ...` leans to the left, possibly thousands deep: walked along, not down."""
        chain = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        left = self.lower(chain[-1].left)
        for link in reversed(chain):
            left = self.binary(link, left, link.op, link.right)
        return left

    def binary(self, node: Any, left: Expr, operator: ast.operator, right_node: ast.expr) -> Expr:
        line = self.line(node)
        if isinstance(operator, ast.Mod) and _may_be_text(left) and not _is_number(right_node):
            return Text(line, [left, *self.percent_arguments(right_node)], Building.PERCENT, self.span(node))
        right = self.lower(right_node)
        if isinstance(operator, ast.Add) and _may_be_text(left) and _may_be_text(right):
            if isinstance(left, Text) and left.how is Building.CONCAT:
                left.parts.append(right)  # `left` is this chain's own: growing it keeps a long chain linear.
                left.span = self.span(node)
                return left
            return Text(line, [left, right], Building.CONCAT, self.span(node))
        if isinstance(operator, ast.Div) and _may_be_text(left) and _may_be_text(right):
            return Text(line, [left, Const(line, "/"), right], Building.PATH, self.span(node))
        if isinstance(operator, ast.Mult) and (_is_sequence(left) or _is_sequence(right)):
            return Unknown(line, [left, right])
        if isinstance(operator, ast.BitOr):
            return Unknown(line, [left, right])
        return Op(line, Operator.ARITHMETIC, [left, right])

    def percent_arguments(self, node: ast.expr) -> list[Expr]:
        if isinstance(node, ast.Tuple):
            return [self.lower(element) for element in node.elts]
        if isinstance(node, ast.Dict):
            return [self.lower(value) for value in node.values]
        return [self.lower(node)]

    # Texts and calls

    def f_string(self, node: ast.JoinedStr) -> Expr:
        before = self._inside
        line, span = self.line(node), self.span(node)
        self._inside = (line, span)
        parts: list[Expr] = []
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self._formatted(value, parts)
            elif isinstance(value, ast.Constant):
                parts.append(self.constant(value))
        self._inside = before
        return Text(line, parts, Building.TEMPLATE, span)

    def _formatted(self, node: ast.FormattedValue, parts: list[Expr]) -> None:
        value = self.lower(node.value)
        spec = node.format_spec
        if isinstance(spec, ast.JoinedStr) and spec.values:
            last = spec.values[-1]
            if isinstance(last, ast.Constant) and _NUMBER_FORMAT.fullmatch(str(last.value)):
                value = Op(self.line(node), Operator.ARITHMETIC, [value])
            parts.extend(self.lower(v.value) for v in spec.values if isinstance(v, ast.FormattedValue))
        parts.append(value)

    def formatted_value(self, node: ast.FormattedValue) -> Expr:
        return self.lower(node.value)

    def call(self, node: ast.Call) -> Expr:
        """A long chain of calls (`a().b().c()`) nests deeply: walked along, not down."""
        chain = [node]
        links: list[list[ast.Attribute]] = []
        while True:
            attributes: list[ast.Attribute] = []
            base: ast.expr = chain[-1].func
            while isinstance(base, ast.Attribute):
                attributes.append(base)
                base = base.value
            links.append(attributes)
            if not attributes or not isinstance(base, ast.Call):
                break
            chain.append(base)
        lowered = self.lower(base)
        for call, attributes in zip(reversed(chain), reversed(links), strict=True):
            for link in reversed(attributes):
                lowered = Attr(self.end_line(link), lowered, link.attr)
            lowered = self._called(call, lowered)
        return lowered

    def _called(self, node: ast.Call, callee: Expr) -> Expr:
        args = [self.lower(argument) for argument in node.args]
        keywords = [(keyword.arg, self.lower(keyword.value)) for keyword in node.keywords]
        line = self.end_line(node.func)
        if isinstance(callee, Attr):
            base = callee.base
            if callee.name in ("format", "format_map") and isinstance(base, (Const, Text, Name)):
                parts = [base, *args, *(value for _, value in keywords)]
                return Text(line, parts, Building.FORMAT, self.span(node))
            if callee.name == "join" and len(args) == 1 and isinstance(base, Const):
                each = args[0]
                return Text(line, [Const(line, ""), Item(line, each, None), base], Building.CONCAT, self.span(node))
            if callee.name == "join" and len(args) > 1 and _last_name(base) == "path":
                return Text(line, self._joined_path(args, line), Building.PATH, self.span(node))
        return Call(line, callee, args, keywords, self.span(node))

    def _joined_path(self, args: list[Expr], line: int) -> list[Expr]:
        """`os.path.join(a, b)`."""
        parts: list[Expr] = []
        for arg in args:
            parts.extend((Const(line, "/"), arg) if parts else (arg,))
        return parts


def _may_be_text(node: Expr) -> bool:
    if isinstance(node, Const):
        return isinstance(node.value, (str, bytes))
    return not isinstance(node, Op) or node.operator in (Operator.AND, Operator.OR)


def _last_name(node: Expr) -> str:
    return node.name if isinstance(node, Attr) else node.id if isinstance(node, Name) else ""


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


def _is_sequence(node: Expr) -> bool:
    return isinstance(node, Collection) or (isinstance(node, Const) and isinstance(node.value, (str, bytes)))


_SHAPES: dict[type, Shape] = {
    ast.List: Shape.LIST,
    ast.Tuple: Shape.TUPLE,
    ast.Set: Shape.SET,
    ast.ListComp: Shape.LIST,
    ast.SetComp: Shape.SET,
    ast.GeneratorExp: Shape.LIST,
}

_SIGNS: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}

_EXPRESSIONS: dict[type, Callable[[Expressions, Any], Expr]] = {
    ast.Constant: Expressions.constant,
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute,
    ast.Subscript: Expressions.subscript,
    ast.Await: Expressions.awaited,
    ast.Starred: Expressions.spread,
    ast.Yield: Expressions.yields,
    ast.YieldFrom: Expressions.yields,
    ast.Lambda: Expressions.closure,
    ast.NamedExpr: Expressions.let,
    ast.IfExp: Expressions.choice,
    ast.List: Expressions.sequence,
    ast.Tuple: Expressions.sequence,
    ast.Set: Expressions.sequence,
    ast.Dict: Expressions.dictionary,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.DictComp: Expressions.dict_comprehension,
    ast.BoolOp: Expressions.boolean,
    ast.UnaryOp: Expressions.unary,
    ast.Compare: Expressions.compare,
    ast.BinOp: Expressions.binary_operation,
    ast.JoinedStr: Expressions.f_string,
    ast.FormattedValue: Expressions.formatted_value,
    ast.Call: Expressions.call,
}
