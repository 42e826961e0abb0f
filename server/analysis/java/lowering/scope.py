"""What the parts of Java's lowering share: its tables, what a bare name means, and how types are written."""

from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.java.file import JavaFile
from server.analysis.java.lowering.expressions import EXPRESSIONS
from server.analysis.java.lowering.statements import STATEMENTS
from server.analysis.lowering import TreeLowering, dotted

THIS = "this"

_NUMBERS = frozenset(
    {"Integer", "Long", "Short", "Byte", "Double", "Float", "Boolean", "BigInteger", "UUID", "LocalDate"}
)
_NUMBER = "int"


class Lowering(TreeLowering[JavaFile]):
    """Of one file. A bare name is one of *fields* or *methods* of the class around, or of *locals* of the method.

    Both say on what each is found: `this`, or the class of a static one.
    """

    SKIPPED = frozenset({"line_comment", "block_comment", "modifiers", "marker_annotation", "annotation"})
    BLOCKS = frozenset({"block", "constructor_body", "switch_block_statement_group", "finally_clause"})

    def __init__(self, file: JavaFile, module: str) -> None:
        super().__init__(file, module, EXPRESSIONS, STATEMENTS)
        self.fields: dict[str, str] = {}
        self.methods: dict[str, str] = {}
        self.locals: set[str] = set()

    @contextmanager
    def within(self, name: str, fields: dict[str, str], methods: dict[str, str]) -> Iterator[None]:
        """A class of that name."""
        around = self.qualified, self.fields, self.methods, self.locals
        self.qualified, self.locals = f"{self.qualified}.{name}", set()
        self.fields, self.methods = self.fields | fields, self.methods | methods
        try:
            yield
        finally:
            self.qualified, self.fields, self.methods, self.locals = around

    @contextmanager
    def inside(self, locals_: set[str]) -> Iterator[None]:
        """A method or lambda with these parameters; a lambda sees the variables around it."""
        around = self.locals
        self.locals = around | locals_
        try:
            yield
        finally:
            self.locals = around

    def type(self, node: Node | None) -> p.Expr | None:
        """The named type without its arguments and dimensions; a number's is `int`."""
        if node is not None and node.type == "array_type" and self.text(node).startswith(("byte", "char")):
            return None  # data, no number
        while node is not None and node.type in ("generic_type", "array_type", "annotated_type"):
            node = node.child_by_field_name("element") or next(iter(self.parts(node)), None)
        if node is None or node.type == "void_type":
            return None
        line = self.line(node)
        if node.type in ("integral_type", "floating_point_type", "boolean_type") or self.text(node) in _NUMBERS:
            return p.Name(line, _NUMBER)
        if node.type not in ("type_identifier", "scoped_type_identifier"):
            return None
        return dotted(self.text(node), line)
