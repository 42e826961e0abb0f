"""A parsed Java file."""

import tree_sitter_java
from tree_sitter import Language as Grammar
from tree_sitter import Node

from server.analysis.source import Source
from server.analysis.tree import TreeFile

_GRAMMAR = Grammar(tree_sitter_java.language())


class JavaFile(TreeFile):
    WANTED = ("method_invocation", "object_creation_expression", "annotation", "marker_annotation", "catch_clause")
    CALLS = ("method_invocation",)

    @classmethod
    def grammar_of(cls, source: Source) -> Grammar:
        return _GRAMMAR

    def callee(self, call: Node) -> str:
        """`Cipher.getInstance`; of a call on something without a name, `.execute`."""
        receiver, name = call.child_by_field_name("object"), self.text(call.child_by_field_name("name"))
        if receiver is None:
            return name
        return f"{self.text(receiver) if receiver.type in ('identifier', 'field_access') else ''}.{name}"
