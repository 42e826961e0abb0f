"""A file parsed by tree-sitter: nodes by type, calls by name, spans in our coordinates.

The parser is error tolerant: what it cannot read becomes an ERROR node, and the rest is still looked at. Nodes are
picked by one query in C; walking the tree from Python would cost ten times as much.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from server.analysis.language import Language
from server.analysis.parsed import Called, CannotParse
from server.analysis.source import Source, Span

MAX_NESTED = 10_000
"""Of nodes within each other. Beyond 65,535 a query takes quadratic time."""


@dataclass(frozen=True)
class TreeFile:
    """Each language names its node types of interest, its calls, and where a call's name stands."""

    source: Source
    tree: Tree
    grammar: Grammar
    programs: list[Any] = field(default_factory=list)
    """What the file is lowered to, filled by the flow analysis when it is first asked for."""

    WANTED: ClassVar[tuple[str, ...]] = ()
    CALLS: ClassVar[tuple[str, ...]] = ("call_expression",)
    _queries: ClassVar[dict[Language, Query]] = {}

    @classmethod
    def grammar_of(cls, source: Source) -> Grammar:
        raise NotImplementedError

    @classmethod
    def parse(cls, source: Source) -> Self:
        grammar = cls.grammar_of(source)
        tree = Parser(grammar).parse(source.encoded)
        if tree is None:
            raise CannotParse("the parser gave up: text rules only")
        return cls(source, tree, grammar)

    @property
    def gap(self) -> str:
        if _is_deep(self.tree.root_node):
            return f"nested deeper than {MAX_NESTED:,}: what is inside was not looked at"
        if not self.tree.root_node.has_error:
            return ""
        first = next(iter(self._by_type.get("ERROR", ())), None)
        where = f" near line {first.start_point.row + 1}" if first is not None else ""
        return f"some of it could not be parsed{where}"

    def nodes(self, kind: Any) -> Sequence[Node]:
        if isinstance(kind, Called):
            return self._calls.get(kind.name, ())
        return self._by_type.get(kind, ())

    @cached_property
    def _by_type(self) -> dict[str, list[Node]]:
        cursor = QueryCursor(self._query())
        cursor.set_max_start_depth(MAX_NESTED)
        captures = cursor.captures(self.tree.root_node)
        return {kind: sorted(nodes, key=lambda node: node.start_byte) for kind, nodes in captures.items()}

    def _query(self) -> Query:
        key = self.source.language  # Not the grammar's name: TypeScript and TSX have the same.
        query = self._queries.get(key)
        if query is None:
            kinds = [kind for kind in (*self.WANTED, *self.CALLS) if self.grammar.id_for_node_kind(kind, True)]
            pattern = " ".join(f"({kind}) @{kind}" for kind in dict.fromkeys((*kinds, "ERROR")))
            query = self._queries[key] = Query(self.grammar, pattern)
        return query

    @cached_property
    def _calls(self) -> dict[str, list[Node]]:
        calls: dict[str, list[Node]] = defaultdict(list)
        for kind in self.CALLS:
            for node in self._by_type.get(kind, ()):
                calls[self.callee(node).rpartition(".")[2]].append(node)
        return calls

    def callee(self, call: Node) -> str:
        """The dotted name of what is called, or of the last part that has a name: `.query` for `f().query(x)`."""
        raise NotImplementedError

    def text(self, node: Node | None) -> str:
        return self.source.encoded[node.start_byte : node.end_byte].decode("utf-8") if node is not None else ""

    def span(self, node: Node) -> Span:
        start, end = node.start_point, node.end_point
        return self.source.span(start.row + 1, start.column, end.row + 1, end.column)

    def head_span(self, node: Node) -> Span:
        """Of a node over several lines only its first."""
        span = self.span(node)
        if span.start_line == span.end_line:
            return span
        line = self.source.line(span.start_line).rstrip()
        return Span(span.start_line, span.start_column, span.start_line, len(line) + 1)

    def ancestors(self, node: Node) -> Iterator[Node]:
        """From the nearest up. One way down from the root: `Node.parent` makes the whole way again for every step."""
        path: list[Node] = []
        at: Node | None = self.tree.root_node
        while at is not None and at != node:
            path.append(at)
            at = at.child_with_descendant(node)
        return reversed(path)

    def descendants(self, node: Node, *kinds: str, outside: tuple[str, ...] = ()) -> Iterator[Node]:
        """Nodes of *kinds* below *node*, in the order of the text; not those inside nodes of types *outside*."""
        waiting = list(reversed(node.children))
        while waiting:
            child = waiting.pop()
            if child.type in kinds:
                yield child
            if child.type not in outside:
                waiting.extend(reversed(child.children))


def _is_deep(root: Node) -> bool:
    """Along the largest node of each level: what nests deeper than all limits is most of its file."""
    at, depth = root, 0
    while at.descendant_count > MAX_NESTED - depth and at.child_count:
        at, depth = max(at.children, key=lambda child: child.descendant_count), depth + 1
    return depth >= MAX_NESTED
