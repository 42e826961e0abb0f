"""What a file defines and which names it uses, for who looks things up: functions, methods, classes with their lines.

By names alone: it knows neither types nor imports, so two things of one name are one to it. The flow analysis knows
better, and only about values.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import tree_sitter_python
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor

from server.analysis.admission import Depth, admit
from server.analysis.go.file import GoFile
from server.analysis.java.file import JavaFile
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.language import Language
from server.analysis.php.file import PhpFile
from server.analysis.ruby.file import RubyFile
from server.analysis.source import Source
from server.analysis.tree import TreeFile

FUNCTION, CLASS = "function", "class"

_PYTHON = Grammar(tree_sitter_python.language())

_PARSERS: dict[Language, type[TreeFile]] = {
    Language.JAVASCRIPT: JavaScriptFile,
    Language.TYPESCRIPT: JavaScriptFile,
    Language.TSX: JavaScriptFile,
    Language.GO: GoFile,
    Language.JAVA: JavaFile,
    Language.PHP: PhpFile,
    Language.RUBY: RubyFile,
}

_DEFINITIONS = {
    **dict.fromkeys(("function_definition", "function_declaration", "generator_function_declaration"), FUNCTION),
    **dict.fromkeys(("method_definition", "method_declaration", "constructor_declaration", "method"), FUNCTION),
    **dict.fromkeys(("singleton_method", "variable_declarator"), FUNCTION),
    **dict.fromkeys(("class_definition", "class_declaration", "abstract_class_declaration", "class"), CLASS),
    **dict.fromkeys(("interface_declaration", "enum_declaration", "record_declaration", "trait_declaration"), CLASS),
    **dict.fromkeys(("module", "type_spec"), CLASS),
}
"""Node types of all grammars: what they define. Of variables only those that hold a function."""

_FUNCTIONS_AS_VALUES = ("arrow_function", "function_expression", "generator_function")

_NAMES = ("identifier", "property_identifier", "field_identifier", "type_identifier", "constant", "name")
"""Node types of names, where they are used and where they are defined."""

_AROUND = ("decorated_definition", "export_statement", "lexical_declaration", "variable_declaration")
"""What belongs to a definition: its decorators, its `export`."""


class Symbol(NamedTuple):
    """*name* has the classes around it: `Cart.total`. *first_line* is that of its decorators."""

    name: str
    kind: str
    path: str
    first_line: int
    last_line: int

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]

    def holds(self, line: int) -> bool:
        return self.first_line <= line <= self.last_line


@dataclass(frozen=True)
class Symbols:
    """Of one file. *uses*: by name the lines on which it stands, its definition's too."""

    defined: tuple[Symbol, ...]
    uses: dict[str, tuple[int, ...]]

    def around(self, line: int) -> Symbol | None:
        """The innermost function that holds the line, else the innermost class."""
        holding = [symbol for symbol in self.defined if symbol.holds(line)]
        return min(
            holding, key=lambda symbol: (symbol.kind != FUNCTION, symbol.last_line - symbol.first_line), default=None
        )


NONE = Symbols((), {})


def symbols_of(source: Source) -> Symbols:
    """Nothing of a language without a grammar, and of what nobody wrote by hand."""
    grammar = _grammar(source)
    if grammar is None or admit(source).depth is not Depth.FULL:
        return NONE
    tree = Parser(grammar).parse(source.encoded)
    captures = QueryCursor(_query(grammar)).captures(tree.root_node)
    uses: dict[str, set[int]] = defaultdict(set)
    for node in captures.get("name", ()):
        uses[_text(node, source)].add(node.start_point.row + 1)
    defined = sorted(_defined(captures.get("definition", ()), source), key=lambda s: (s.first_line, -s.last_line))
    return Symbols(tuple(defined), {name: tuple(sorted(lines)) for name, lines in uses.items()})


def _grammar(source: Source) -> Grammar | None:
    if source.language is Language.PYTHON:
        return _PYTHON
    parser = _PARSERS.get(source.language)
    return parser.grammar_of(source) if parser is not None else None


@cache
def _query(grammar: Grammar) -> Query:
    definitions = [f"({kind}) @definition" for kind in _DEFINITIONS if grammar.id_for_node_kind(kind, True)]
    names = [f"({kind}) @name" for kind in _NAMES if grammar.id_for_node_kind(kind, True)]
    return Query(grammar, " ".join((*definitions, *names)))


def _defined(nodes: "list[Node] | tuple[()]", source: Source) -> Iterator[Symbol]:
    """Names from the outside in: the nodes come in the order of the text, and each may hold later ones."""
    around: list[tuple[int, str]] = []
    for node in sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)):
        name = _text(node.child_by_field_name("name"), source)
        if not name or not _is_defined_by(node):
            continue
        while around and around[-1][0] <= node.start_byte:
            around.pop()
        qualified = f"{around[-1][1]}.{name}" if around else name
        around.append((node.end_byte, qualified))
        whole = _whole(node)
        yield Symbol(
            qualified, _DEFINITIONS[node.type], source.path, whole.start_point.row + 1, whole.end_point.row + 1
        )


def _is_defined_by(node: Node) -> bool:
    if node.type != "variable_declarator":
        return True
    value = node.child_by_field_name("value")
    return value is not None and value.type in _FUNCTIONS_AS_VALUES


def _whole(node: Node) -> Node:
    while node.parent is not None and node.parent.type in _AROUND:
        node = node.parent
    return node


def _text(node: Node | None, source: Source) -> str:
    return source.encoded[node.start_byte : node.end_byte].decode("utf-8", "replace") if node is not None else ""
