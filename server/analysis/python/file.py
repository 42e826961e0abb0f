"""A parsed Python file: its syntax tree with parents, imports and calls by name.

Knows nothing of rules. One walk fills the tables; the rules then look only at the nodes they want.
"""

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, TypeVar

from server.analysis.flow.program import Statement
from server.analysis.parsed import Called, CannotParse
from server.analysis.python.python2 import read_as_python2
from server.analysis.python.renamed import modern
from server.analysis.source import Source, Span

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef

_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


_Found = TypeVar("_Found")

_COMMENT = re.compile(r"\s#[^'\"]*$")


class Module(ast.Module):
    """Tells who watches it when its statements are looked at."""

    watched_by: Any = None

    @property
    def body(self) -> list[ast.stmt]:
        if self.watched_by is not None:
            self.watched_by.is_further = True
        return self._statements

    @body.setter
    def body(self, statements: list[ast.stmt]) -> None:
        self._statements = statements


@dataclass(slots=True)
class Piece:
    """Every node's parent, but for the statement's own, and the nodes of each type, in the order of the text."""

    parents: dict[ast.AST, ast.AST]
    by_type: dict[type[ast.AST], list[ast.AST]]
    kept: dict[Any, Any] = field(default_factory=dict)
    """What was found out from the statement alone; gone when it moves to other lines."""

    def once(self, find: Callable[[Any], _Found], asked: Any) -> _Found:
        """What *find* says of *asked*, the statement or this piece of it."""
        if find not in self.kept:
            self.kept[find] = find(asked)
        found: _Found = self.kept[find]
        return found


class NodesByType:
    """The nodes of each type of a whole file, in the order of the text, gathered when they are first asked for."""

    def __init__(self, tree: Module, pieces: Iterable[Piece]) -> None:
        self._pieces = pieces
        self._gathered: dict[type[ast.AST], list[ast.AST]] = {ast.Module: [tree]}

    def get(self, kind: Any) -> Sequence[ast.AST]:
        found = self._gathered.get(kind)
        if found is None:
            found = [node for piece in self._pieces for node in piece.by_type.get(kind, ())]
            self._gathered[kind] = found
        return found


@dataclass(frozen=True)
class PythonFile:
    source: Source
    tree: "Module"
    parents: dict[ast.AST, ast.AST]
    by_type: NodesByType
    imports: dict[str, str]
    """Local name -> what it stands for: `run` -> `subprocess.run`. Imports of every scope of the file together."""
    assignments: dict[ast.AST, dict[str, list[ast.AST]]] = field(default_factory=dict)
    """By scope, filled by `values.py` when they are first asked for."""

    origins: dict[tuple[ast.AST, str, int], int] = field(default_factory=dict)
    """Of what a name is given, by its scope and how far that is followed; filled by `values.py` as it goes."""

    gap: str = ""

    pieces: dict[ast.stmt, "Piece"] = field(default_factory=dict)
    """What is below each statement of the module."""

    lowered: dict[ast.stmt, list[Statement]] = field(default_factory=dict)
    """What flows read of each statement of the module, filled by `lower.py`."""

    seen: dict[ast.stmt, Any] = field(default_factory=dict)
    """What was found in each statement of the module, filled by `piecewise.py`."""

    names: dict[str, frozenset[str]] = field(default_factory=dict)
    """Names in it that mean something to all of it, by what they mean; filled when first asked for."""

    @classmethod
    def parse(cls, source: Source) -> Self:
        statements, gap = _parse(source)
        tree = Module(statements, [])
        return cls.of(source, tree, {statement: index(statement) for statement in tree.body}, {}, gap)

    @classmethod
    def of(
        cls,
        source: Source,
        tree: "Module",
        pieces: dict[ast.stmt, "Piece"],
        lowered: dict[ast.stmt, list[Statement]],
        gap: str = "",
        before: "Self | None" = None,
    ) -> Self:
        """Together what is known of the statements. *before*: of which some stay; it is not to be used any more."""
        parents: dict[ast.AST, ast.AST] = {} if before is None else before.parents
        known: Mapping[ast.stmt, Piece] = {} if before is None else before.pieces
        for statement in known.keys() - pieces.keys():
            for node in (statement, *known[statement].parents):
                del parents[node]
        for statement in pieces.keys() - known.keys():
            parents.update(pieces[statement].parents)
        parents.update(dict.fromkeys(tree.body, tree))
        by_type = NodesByType(tree, pieces.values())
        return cls(source, tree, parents, by_type, _imports(by_type), gap=gap, pieces=pieces, lowered=lowered)

    def nodes(self, kind: Any) -> Sequence[ast.AST]:
        if isinstance(kind, Called):
            return self._calls.get(kind.name, ())
        return self.by_type.get(kind)

    def nodes_within(self, outer: ast.stmt, kinds: Iterable[Any]) -> list[Any]:
        """Those in the lines of a statement, kind by kind."""
        last = last_line(outer)
        nodes: Iterator[Any] = (node for kind in kinds for node in self.nodes(kind))
        return [node for node in nodes if outer.lineno <= node.lineno <= last]

    @cached_property
    def _calls(self) -> dict[str, list[ast.Call]]:
        calls: dict[str, list[ast.Call]] = defaultdict(list)
        for node in self.by_type.get(ast.Call):
            assert isinstance(node, ast.Call)
            calls[self.last_name(node.func)].append(node)
        return calls

    @cached_property
    def own_calls(self) -> dict[ast.AST, list[ast.Call]]:
        """The calls in the body of each function, without those of functions, lambdas and classes in it."""
        found: dict[ast.AST, list[ast.Call]] = defaultdict(list)
        for call in self.by_type.get(ast.Call):
            assert isinstance(call, ast.Call)
            below: ast.AST = call
            for ancestor in self.ancestors(call):
                if isinstance(ancestor, _SCOPES):
                    if isinstance(below, ast.stmt):  # Decorators and defaults run where the function is made.
                        found[ancestor].append(call)
                    break
                below = ancestor
        return found

    @cached_property
    def functions(self) -> dict[tuple[ast.AST, str], list[FunctionNode]]:
        """Definitions by the scope in which they bind their name, and that name."""
        found: dict[tuple[ast.AST, str], list[FunctionNode]] = defaultdict(list)
        for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
            for node in self.by_type.get(kind):
                assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                found[self.scope_of(node), node.name].append(node)
        return found

    @cached_property
    def _names(self) -> dict[str, list[ast.Name]]:
        names: dict[str, list[ast.Name]] = defaultdict(list)
        for node in self.by_type.get(ast.Name):
            assert isinstance(node, ast.Name)
            names[node.id].append(node)
        return names

    def uses(self, name: str, function: FunctionNode) -> list[ast.Name]:
        """Every place within *function*, inner functions included, where *name* is read or written."""
        last = function.end_lineno or function.lineno
        return [node for node in self._names.get(name, ()) if function.lineno <= node.lineno <= last]

    @cached_property
    def _bindings(self) -> Counter[str]:
        names: Counter[str] = Counter()
        for piece in self.pieces.values():
            for name in piece.once(_bound_in, piece):
                names[name] += 1
        return names

    def is_bound_once(self, name: str) -> bool:
        """Whether no two assignments, parameters, definitions or imports of the whole file share the name."""
        return self._bindings[name] == 1

    def places_in(self, block: list[ast.stmt]) -> Mapping[int, int]:
        """The place of each statement in its block, by its identity."""
        places = self._places.get(id(block))
        if places is None:
            places = self._places[id(block)] = {id(statement): place for place, statement in enumerate(block)}
        return places

    @cached_property
    def _places(self) -> dict[int, dict[int, int]]:
        return {}

    def is_stored(self, name: str) -> bool:
        """Whether it is assigned, looped over or deleted anywhere in the file, as a name."""
        return any(not isinstance(node.ctx, ast.Load) for node in self._names.get(name, ()))

    @cached_property
    def _attributes(self) -> dict[str, list[ast.Attribute]]:
        attributes: dict[str, list[ast.Attribute]] = defaultdict(list)
        for node in self.by_type.get(ast.Attribute):
            assert isinstance(node, ast.Attribute)
            attributes[node.attr].append(node)
        return attributes

    def attributes(self, name: str) -> Sequence[ast.Attribute]:
        """Every `something.name` of the file."""
        return self._attributes.get(name, ())

    def last_name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return node.attr
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id).rpartition(".")[2]
        return ""

    def dotted(self, node: ast.AST | None) -> str:
        """`subprocess.run` for the expression that means it, through imports and aliases; "" for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        parts.append(self.imports.get(node.id, node.id))
        return ".".join(reversed(parts))

    def is_imported(self, node: ast.expr) -> bool:
        """Whether the expression's root is an imported name, so that `dotted` can be trusted."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imports

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The function whose body runs *node*; None at module or class level, and within a lambda."""
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return ancestor
            if isinstance(ancestor, (ast.Lambda, ast.ClassDef)):
                return None
        return None

    def scope_of(self, node: ast.AST) -> Scope:
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, _SCOPES):
                return ancestor
        return self.tree

    def span(self, node: ast.AST) -> Span:
        """Python before 3.12 misplaces what is inside an f-string: there the f-string stands for it."""
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, ast.JoinedStr):
                node = ancestor
            elif isinstance(ancestor, ast.stmt):
                break
        return self._span(node)

    def _span(self, node: Any) -> Span:
        return self.source.span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)

    def head_span(self, node: ast.AST) -> Span:
        """Of a compound statement only its first line, without a comment: its identity must not change with those."""
        span = self.span(node)
        if span.start_line == span.end_line:
            return span
        line = _COMMENT.sub("", self.source.line(span.start_line)).rstrip()
        return Span(span.start_line, span.start_column, span.start_line, len(line) + 1)

    def text(self, node: ast.AST) -> str:
        return self.source.extract(self.span(node))


def _bound_in(piece: Piece) -> list[str]:
    """The names that are bound in it, each as often as it is."""
    stored = piece.by_type.get(ast.Name, ())
    names = [node.id for node in stored if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        nodes = piece.by_type.get(kind, ())
        names += [getattr(n, "name", "") for n in nodes if not isinstance(piece.parents.get(n), ast.ClassDef)]
    names += [node.arg for node in piece.by_type.get(ast.arg, ()) if isinstance(node, ast.arg)]
    for node in (*piece.by_type.get(ast.Import, ()), *piece.by_type.get(ast.ImportFrom, ())):
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        names += [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return names


def _parse(source: Source) -> tuple[list[ast.stmt], str]:
    """The statements, and in which sense it is not the text's own."""
    if len(source.text) > MAX_CHARACTERS:
        raise CannotParse("a large file of Python: text rules only")
    try:
        return ast.parse(source.text).body, ""
    except SyntaxError as error:
        if (rewritten := read_as_python2(source.text)) is not None:
            return ast.parse(rewritten).body, "read as Python 2: no fixes are offered"
        where = f" on line {error.lineno}" if error.lineno else ""
        raise CannotParse(f"syntax error{where} for Python {_VERSION}: text rules only") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CannotParse("nested too deeply to parse: text rules only") from error


MAX_CHARACTERS = 1_000_000
"""Nobody writes more into one file by hand. Its parser cannot be interrupted, and nothing else runs beside it: so much
takes one to two seconds.
"""

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def first_line(statement: ast.stmt) -> int:
    """With its decorators."""
    decorators: Sequence[ast.expr] = getattr(statement, "decorator_list", ())
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def index(statement: ast.stmt) -> Piece:
    """Of a statement of the module. The hottest loop of a review: hence no iter_child_nodes."""
    parents: dict[ast.AST, ast.AST] = {}
    by_type: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        by_type[node.__class__].append(node)
        for name in _FIELDS[node.__class__]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                for child in reversed(value):
                    if isinstance(child, ast.AST):
                        parents[child] = node
                        waiting.append(child)
            elif isinstance(value, ast.AST):
                parents[value] = node
                waiting.append(value)
    return Piece(parents, by_type)


class _ChildFields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of a node type that may hold nodes, the last first, as the stack wants them.

    Without contexts and operators: their nodes are shared by all trees.
    """

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        plain = kind._fields if kind is ast.Constant else ("ctx", "op", "ops", "id", "attr", "type_comment")
        fields = self[kind] = tuple(field for field in reversed(kind._fields) if field not in plain)
        return fields


_FIELDS = _ChildFields()


def _imports(by_type: NodesByType) -> dict[str, str]:
    imports: dict[str, str] = {}
    for node in by_type.get(ast.Import):
        assert isinstance(node, ast.Import)
        for alias in node.names:
            if alias.asname:
                imports[alias.asname] = modern(alias.name)
            else:
                root = alias.name.partition(".")[0]
                imports[root] = modern(root)
    for node in by_type.get(ast.ImportFrom):
        assert isinstance(node, ast.ImportFrom)
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            imports[alias.asname or alias.name] = modern(f"{module}.{alias.name}") if module else alias.name
    return imports
