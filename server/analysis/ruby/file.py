"""A parsed Ruby file."""

import tree_sitter_ruby
from tree_sitter import Language as Grammar
from tree_sitter import Node

from server.analysis.source import Source
from server.analysis.tree import TreeFile

_GRAMMAR = Grammar(tree_sitter_ruby.language())


class RubyFile(TreeFile):
    WANTED = ("call", "pair", "assignment", "binary")
    CALLS = ("call",)

    @classmethod
    def grammar_of(cls, source: Source) -> Grammar:
        return _GRAMMAR

    def callee(self, call: Node) -> str:
        """`Digest::MD5.hexdigest`; of a call on something without a name, `.save`."""
        receiver, name = call.child_by_field_name("receiver"), self.text(call.child_by_field_name("method"))
        if receiver is None:
            return name
        known = receiver.type in ("identifier", "constant", "scope_resolution", "instance_variable")
        return f"{self.text(receiver) if known else ''}.{name}"
