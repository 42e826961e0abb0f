"""What the parts of the lowering share: the file, the tables, the names that it makes, and how deep it is.

The grammar's rules are in `expressions.py`, `statements.py`, `functions.py`, `patterns.py`, `modules.py`, `jsx.py`.
"""

import re
from collections.abc import Callable, Mapping

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.lowering.names import imported_name
from server.analysis.lowering import TreeLowering

SKIPPED = frozenset(
    {"comment", "type_annotation", "type_arguments", "type_parameters", "optional_chain", "html_comment"}
)


_NAME = re.compile(r"[\w$]+")
_LONGEST_PATTERN = 2_000


class Lowering(TreeLowering[JavaScriptFile]):
    """Of one file."""

    SKIPPED = SKIPPED
    BLOCKS = frozenset({"statement_block", "else_clause", "finally_clause", "program"})

    def __init__(
        self,
        file: JavaScriptFile,
        module: str,
        expressions: "Mapping[str, Callable[[Node, Lowering], p.Expr]]",
        statements: "Mapping[str, Callable[[Node, Lowering, list[p.Statement]], None]]",
    ) -> None:
        super().__init__(file, module, expressions, statements)
        self.imports: dict[str, str] = {}
        self.hoisted: list[p.Statement] = []
        self.is_server_side = _is_server_side(file)
        self.answers_plainly = False
        """Whether the function around says that its answer is no page."""
        self.assigned: set[str] = set()
        self.declared: set[str] = set()
        """The names that the function around gives values, and those that it declares."""

    def assign(self, target: Node) -> None:
        if target.type == "identifier":
            self.assigned.add(self.text(target))

    def declare(self, target: Node) -> None:
        """Of a pattern all that stands in it."""
        self.declared.update(_NAME.findall(self.text(target)[:_LONGEST_PATTERN]))

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


def handed_function(argument: p.Expr, low: Lowering) -> p.Function | None:
    """The function that is written as the last argument of a call."""
    if isinstance(argument, p.Closure):
        return argument.function
    if isinstance(argument, p.Name) and low.hoisted:
        last = low.hoisted[-1]
        if isinstance(last, p.Define) and last.function.name == argument.id:
            return last.function
    return None


def member(base: p.Expr, name: str, line: int) -> p.Expr:
    """`base.name`, or `base["name"]` where it is no identifier."""
    if name.replace("_", "a").replace("$", "a").isalnum() and not name[:1].isdigit():
        return p.Attr(line, base, name)
    return p.Item(line, base, p.Const(line, name))
