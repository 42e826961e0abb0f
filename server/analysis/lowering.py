"""From a tree of tree-sitter's to the language of the flow analysis: what every language's lowering shares.

A language gives two tables, by node type: how its expressions and how its statements are lowered. What no table
names is lowered to what is inside it.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from tree_sitter import Node

from server.analysis.budget import spend
from server.analysis.flow import program as p
from server.analysis.source import Span
from server.analysis.tree import TreeFile

MAX_DEPTH = 150
"""Nested deeper, code is not written by people: what is inside is left out."""

MAX_SUMMANDS = 5_000
"""The rest of a longer sum is left out."""


FileT = TypeVar("FileT", bound=TreeFile)


class TreeLowering(Generic[FileT]):
    """Of one file. *qualified*: the dotted name of the function or class around, or of the module.

    *SKIPPED*: node types that carry no value wherever they stand. *BLOCKS*: those that hold only statements.
    """

    SKIPPED: ClassVar[frozenset[str]] = frozenset({"comment"})
    BLOCKS: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        file: FileT,
        module: str,
        expressions: Mapping[str, Callable[[Node, Any], p.Expr]],
        statements: Mapping[str, Callable[[Node, Any, list[p.Statement]], None]],
    ) -> None:
        self.file = file
        self.module = module
        self.qualified = module
        self._expressions = expressions
        self._statements = statements
        self._encoded = file.source.encoded
        self._depth = 0
        self._made = 0

    def expr(self, node: Node | None) -> p.Expr:
        if node is None:
            return p.Const(0, None)
        spend()
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                return p.Unknown(self.line(node), [])
            lower = self._expressions.get(node.type)
            return lower(node, self) if lower is not None else self.unknown(node)
        finally:
            self._depth -= 1

    def exprs(self, node: Node | None) -> list[p.Expr]:
        """Of a list of arguments, operands or items."""
        return [self.expr(child) for child in self.parts(node)]

    def parts(self, node: Node | None) -> list[Node]:
        """The named children that carry values."""
        return [child for child in node.named_children if child.type not in self.SKIPPED] if node is not None else []

    def unknown(self, node: Node) -> p.Unknown:
        return p.Unknown(self.line(node), self.exprs(node))

    def statement(self, node: Node | None, out: list[p.Statement]) -> None:
        if node is None:
            return
        spend()
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                return
            lower = self._statements.get(node.type)
            if lower is not None:
                lower(node, self, out)
            elif node.is_named and node.type not in self.SKIPPED:
                out.append(p.Do(self.line(node), self.expr(node)))
        finally:
            self._depth -= 1

    def summands(self, node: Node, sign: str) -> list[p.Expr]:
        """`a + b + c` in order, with no call for each: generated files add thousands. *node* is the outermost sum."""
        terms: list[p.Expr] = []
        at: Node | None = node
        while at is not None and at.type == node.type and self.text(at.child_by_field_name("operator")) == sign:
            if len(terms) < MAX_SUMMANDS:
                terms.append(self.expr(at.child_by_field_name("right")))
            at = at.child_by_field_name("left")
        terms.append(self.expr(at))
        return terms[::-1]

    def block(self, node: Node | None) -> list[p.Statement]:
        """The statements of a block, or the one that stands in place of a block."""
        out: list[p.Statement] = []
        if node is not None and node.type in self.BLOCKS:
            for child in node.named_children:
                self.statement(child, out)
        else:
            self.statement(node, out)
        return out

    def text(self, node: Node | None) -> str:
        if node is None:
            return ""
        return self._encoded[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def line(self, node: Node) -> int:
        return node.start_point.row + 1

    def span(self, node: Node) -> Span:
        return self.file.span(node)

    def fresh(self, line: int) -> p.Name:
        """A variable that no program can name."""
        self._made += 1
        return p.Name(line, f"%{self._made}")

    def once(self, value: p.Expr, node: Node, out: list[p.Statement]) -> p.Expr:
        """*value* as something that may stand in several places: evaluated only once."""
        if isinstance(value, p.Name | p.Const) or (
            isinstance(value, p.Attr) and isinstance(value.base, p.Name | p.Attr)
        ):
            return value
        name = self.fresh(self.line(node))
        out.append(p.Assign(name.line, [name], value, self.span(node)))
        return name


def dotted(name: str, line: int) -> p.Expr:
    """A dotted name as an expression."""
    first, *rest = name.split(".")
    found: p.Expr = p.Name(line, first)
    for part in rest:
        found = p.Attr(line, found, part)
    return found


def number(node: Node, low: TreeLowering[Any]) -> p.Expr:
    return p.Const(low.line(node), whole(low.text(node)))


def whole(text: str) -> int:
    """What a number's text says; 0 for a fraction and for more digits than any bound has."""
    text = text.replace("_", "")
    try:
        return int(text, 0) if len(text) < 30 else 0
    except ValueError:
        return 0


def truth(node: Node, low: TreeLowering[Any]) -> p.Expr:
    return p.Const(low.line(node), low.text(node).lower() == "true")


def null(node: Node, low: TreeLowering[Any]) -> p.Expr:
    return p.Const(low.line(node), None)


_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})


def binary(node: Node, low: TreeLowering[Any]) -> p.Expr:
    """An operation with two sides, by the signs that Go and Java share; `+` may join texts."""
    line, sign = low.line(node), low.text(node.child_by_field_name("operator"))
    if sign == "+":
        return p.Text(line, low.summands(node, "+"), p.Building.CONCAT, low.span(node))
    operands = [low.expr(node.child_by_field_name("left")), low.expr(node.child_by_field_name("right"))]
    if sign in _COMPARISONS:
        return p.Op(line, p.Operator.COMPARE, operands, sign)
    operator = {"&&": p.Operator.AND, "||": p.Operator.OR}.get(sign, p.Operator.ARITHMETIC)
    return p.Op(line, operator, operands, sign)
