"""What the parts of the lowering share: the file, the tables, the names that it makes, and how deep it is.

The grammar's rules are in `expressions.py`, `statements.py`, `functions.py`, `patterns.py`, `modules.py`, `jsx.py`.
"""

from collections.abc import Callable, Mapping

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.lowering.names import imported_name
from server.analysis.source import Span

MAX_DEPTH = 150
"""Nested deeper, code is not written by people: what is inside is left out."""

SKIPPED = frozenset(
    {"comment", "type_annotation", "type_arguments", "type_parameters", "optional_chain", "html_comment"}
)


class Lowering:
    """Of one file. *qualified*: the dotted name of the function or class around, or of the module."""

    def __init__(
        self,
        file: JavaScriptFile,
        module: str,
        expressions: "Mapping[str, Callable[[Node, Lowering], p.Expr]]",
        statements: "Mapping[str, Callable[[Node, Lowering, list[p.Statement]], None]]",
    ) -> None:
        self.file = file
        self.module = module
        self.qualified = module
        self.imports: dict[str, str] = {}
        self.is_server_side = _is_server_side(file)
        self._encoded = file.source.encoded
        self._expressions = expressions
        self._statements = statements
        self._depth = 0
        self._made = 0

    def expr(self, node: Node | None) -> p.Expr:
        if node is None:
            return p.Const(0, None)
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                return p.Unknown(self.line(node), [])
            lower = self._expressions.get(node.type)
            return lower(node, self) if lower is not None else self.unknown(node)
        finally:
            self._depth -= 1

    def unknown(self, node: Node) -> p.Unknown:
        return p.Unknown(
            self.line(node), [self.expr(child) for child in node.named_children if child.type not in SKIPPED]
        )

    def statement(self, node: Node | None, out: list[p.Statement]) -> None:
        if node is None:
            return
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                return
            lower = self._statements.get(node.type)
            if lower is not None:
                lower(node, self, out)
            elif node.is_named and node.type not in SKIPPED:
                out.append(p.Do(self.line(node), self.expr(node)))
        finally:
            self._depth -= 1

    def block(self, node: Node | None) -> list[p.Statement]:
        """The statements of a block, or the one that stands in place of a block."""
        out: list[p.Statement] = []
        if node is not None and node.type in ("statement_block", "else_clause", "finally_clause", "program"):
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

    def imported(self, specifier: str) -> str:
        return imported_name(self.file.source.path, specifier)

    def required(self, node: Node) -> str | None:
        """The module of `require("x")`; None for anything else."""
        if node.type != "call_expression":
            return None
        function = node.child_by_field_name("function")
        if function is None or function.type not in ("identifier", "import"):
            return None
        given = node.child_by_field_name("arguments")
        if self.text(function) not in ("require", "import") or given is None or given.type != "arguments":
            return None
        first = next(iter(given.named_children), None)
        if first is None or first.type != "string":
            return None
        return self.imported(self.text(first)[1:-1])

    def module_as_name(self, module: str, line: int) -> p.Name:
        """A module in the midst of an expression: `require("child_process").exec(c)`."""
        name = f"%{module}"
        self.imports[name] = module
        return p.Name(line, name)


def _is_server_side(file: JavaScriptFile) -> bool:
    """Whether the first statement is the directive of Next.js that makes all functions callable from the browser."""
    for child in file.tree.root_node.named_children[:5]:
        if child.type == "expression_statement":
            return file.text(child).strip(";'\"") == "use server"
        if child.type != "comment":
            break
    return False


def member(base: p.Expr, name: str, line: int) -> p.Expr:
    """`base.name`, or `base["name"]` where it is no identifier."""
    if name.replace("_", "a").replace("$", "a").isalnum() and not name[:1].isdigit():
        return p.Attr(line, base, name)
    return p.Item(line, base, p.Const(line, name))


def dotted(name: str, line: int) -> p.Expr:
    """A dotted name as an expression."""
    first, *rest = name.split(".")
    found: p.Expr = p.Name(line, first)
    for part in rest:
        found = p.Attr(line, found, part)
    return found
