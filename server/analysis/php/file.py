"""A parsed PHP file."""

import tree_sitter_php
from tree_sitter import Language as Grammar
from tree_sitter import Node

from server.analysis.source import Source
from server.analysis.tree import TreeFile

_GRAMMAR = Grammar(tree_sitter_php.language_php())


class PhpFile(TreeFile):
    WANTED = (
        "function_call_expression",
        "member_call_expression",
        "scoped_call_expression",
        "assignment_expression",
        "argument",
        "array_element_initializer",
        "binary_expression",
        "echo_statement",
        "encapsed_string",
        "exit_statement",
        "function_definition",
        "if_statement",
        "method_declaration",
        "print_intrinsic",
        "property_element",
        "return_statement",
    )
    CALLS = ("function_call_expression",)

    @classmethod
    def grammar_of(cls, source: Source) -> Grammar:
        return _GRAMMAR

    def callee(self, call: Node) -> str:
        """In small letters: PHP does not tell `MD5()` from `md5()`."""
        function = call.child_by_field_name("function")
        return self.text(function).lower() if function is not None and function.type == "name" else ""
