"""What the parts of Ruby's lowering share: its tables, and which bare names are variables."""

from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import TreeLowering
from server.analysis.ruby.file import RubyFile
from server.analysis.ruby.lowering.expressions import EXPRESSIONS
from server.analysis.ruby.lowering.statements import STATEMENTS

SELF = "self"


class Lowering(TreeLowering[RubyFile]):
    """Of one file. *methods* of the class around: a bare name that is no variable calls one of them."""

    SKIPPED = frozenset({"comment", "empty_statement"})
    BLOCKS = frozenset({"program", "body_statement", "block_body", "then", "else", "do", "ensure", "begin_block"})

    def __init__(self, file: RubyFile, module: str) -> None:
        super().__init__(file, module, EXPRESSIONS, STATEMENTS)
        self.locals: set[str] = set()
        self.methods: frozenset[str] = frozenset()

    @contextmanager
    def within(self, name: str, methods: frozenset[str]) -> Iterator[None]:
        """A class or module of that name."""
        around = self.qualified, self.methods, self.locals
        self.qualified, self.methods, self.locals = f"{self.qualified}.{name}", methods, set()
        try:
            yield
        finally:
            self.qualified, self.methods, self.locals = around

    @contextmanager
    def inside(self, names: set[str], *, sees_outside: bool) -> Iterator[None]:
        """A method, or a block, which sees the variables around it."""
        around = self.locals
        self.locals = around | names if sees_outside else names
        try:
            yield
        finally:
            self.locals = around

    def block(self, node: Node | None) -> list[p.Statement]:
        """With its `rescue` and `ensure`, where it has them."""
        if node is None or node.type not in self.BLOCKS:
            return super().block(node)
        body: list[p.Statement] = []
        handlers: list[p.Handler] = []
        final: list[p.Statement] = []
        for child in node.named_children:
            if child.type == "rescue":
                handlers.append(self.handler(child))
            elif child.type == "ensure":
                final = self.block(child)
            elif child.type == "else" and node.type in ("body_statement", "begin_block"):
                body += self.block(child)
            else:
                self.statement(child, body)
        if not (handlers or final):
            return body
        return [p.Try(self.line(node), body, handlers, [], final)]

    def handler(self, node: Node) -> p.Handler:
        types = [self.text(kind) for kind in self.parts(node.child_by_field_name("exceptions"))]
        bound = node.child_by_field_name("variable")
        name = self.text(bound.named_children[0]) if bound is not None and bound.named_child_count else ""
        self.locals.add(name)
        return p.Handler(self.line(node), types, name, self.block(node.child_by_field_name("body")))
