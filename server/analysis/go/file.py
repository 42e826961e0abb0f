"""A parsed Go file."""

from collections import defaultdict
from functools import cached_property

import tree_sitter_go
from tree_sitter import Language as Grammar
from tree_sitter import Node

from server.analysis.source import Source
from server.analysis.tree import TreeFile

_GRAMMAR = Grammar(tree_sitter_go.language())


class GoFile(TreeFile):
    WANTED = (
        "assignment_statement",
        "binary_expression",
        "block",
        "defer_statement",
        "expression_statement",
        "for_statement",
        "function_declaration",
        "go_statement",
        "if_statement",
        "import_spec",
        "keyed_element",
        "method_declaration",
        "func_literal",
        "short_var_declaration",
        "const_spec",
    )

    @cached_property
    def locals(self) -> dict[str, list[Node]]:
        """Every value that a plain name is given anywhere in the file, in assignments of one to one."""
        found: dict[str, list[Node]] = defaultdict(list)
        for kind in ("short_var_declaration", "assignment_statement"):
            for node in self.nodes(kind):
                names, values = node.child_by_field_name("left"), node.child_by_field_name("right")
                if names is not None and values is not None and names.named_child_count == values.named_child_count:
                    for name, value in zip(names.named_children, values.named_children, strict=True):
                        found[self.text(name)].append(value)
        return found

    @classmethod
    def grammar_of(cls, source: Source) -> Grammar:
        return _GRAMMAR

    def callee(self, call: Node) -> str:
        return self.dotted(call.child_by_field_name("function"))

    def dotted(self, node: Node | None) -> str:
        """`exec.Command`; an expression without a name before the last dots is left out: `.Query`."""
        parts: list[str] = []
        while node is not None and node.type == "selector_expression":
            parts.append(self.text(node.child_by_field_name("field")))
            node = node.child_by_field_name("operand")
        if node is not None and node.type == "identifier":
            parts.append(self.text(node))
        elif parts:
            parts.append("")
        return ".".join(reversed(parts))
