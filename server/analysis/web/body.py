"""One function as the extraction looks at it: its nodes by type, its calls by name, what is the request's, what is
mine.

"Theirs" are local names whose value the request chose; "mine" are those that come from who is logged in.
"""

import ast
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import text_of
from server.analysis.source import Span
from server.analysis.web.expressions import chain, is_identity, is_request, walk, words_of
from server.analysis.web.words import IDENTITY, KEY


class Called(NamedTuple):
    """*chain*: `User.query.filter_by.first` of `User.query.filter_by(id=1).first()`."""

    chain: str
    node: ast.Call

    @property
    def last(self) -> str:
        return self.chain.rpartition(".")[2]


class Lines:
    """A file's nodes by type and line, for taking those of one function."""

    def __init__(self, file: PythonFile) -> None:
        self._file = file
        self._sorted: dict[type[ast.AST], tuple[list[Any], list[int]]] = {}

    def between(self, kind: type[ast.AST], first: int, last: int) -> Sequence[Any]:
        if kind not in self._sorted:
            nodes = sorted(self._file.by_type.get(kind), key=_BY_LINE)
            self._sorted[kind] = (nodes, [node.lineno for node in nodes])  # type: ignore[attr-defined]
        nodes, lines = self._sorted[kind]
        if not nodes:
            return nodes
        return nodes[bisect_left(lines, first) : bisect_right(lines, last)]

    @cached_property
    def tells_of_requests(self) -> bool:
        """Whether anything in the file is a part of a request. Most files that are looked at know of none."""
        return any(is_request(node, self._file) for node in self._file.by_type.get(ast.Attribute))

    @cached_property
    def tells_of_people(self) -> bool:
        """Whether anything in the file names who is logged in."""
        return any(
            is_identity(node, self._file)
            for kind in (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Compare)
            for node in self._file.by_type.get(kind)
        )


_BY_LINE = attrgetter("lineno")


@dataclass
class Body:
    file: PythonFile
    lines: Lines
    node: FunctionNode
    qualified: str
    is_handler: bool

    def nodes(self, kind: type[ast.AST]) -> Sequence[Any]:
        """Of the body, inner functions included; in the order of lines."""
        return self.lines.between(kind, self.node.body[0].lineno, self.node.end_lineno or self.node.lineno)

    @cached_property
    def is_asked(self) -> bool:
        """Whether it may be what answers a request: by its looks, or as it reads one."""
        return self.is_handler or (
            self.lines.tells_of_requests and any(is_request(node, self.file) for node in self.nodes(ast.Attribute))
        )

    @cached_property
    def calls(self) -> list[Called]:
        return [Called(chain(node.func, self.file), node) for node in self.nodes(ast.Call)]

    @cached_property
    def params(self) -> tuple[str, ...]:
        a = self.node.args
        return tuple(arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs))

    @cached_property
    def theirs(self) -> frozenset[str]:
        """Names that the request chose, directly or through others; path parameters too."""
        names: set[str] = set()
        if self.is_handler:
            names.update(p for p in self.params if p not in _NOT_PATH and p not in self._injected)
            names.update(p for p in ("user", "current_user") if p in self.params and self._is_input(p))
        else:
            names.update(p for p in self.params if KEY.search(p.strip("_")))
        if names or self.lines.tells_of_requests:
            self._spread(names, is_request)
        return frozenset(names)

    @cached_property
    def mine(self) -> frozenset[str]:
        """Names whose value comes from who is logged in."""
        names = {
            p for p in self._injected if p in ("user", "current_user", "me", "principal", "identity", "auth", "claims")
        }
        names.update(p for p in self._injected if _PERSON.search(self.annotation_of(p)))
        names.update(p for p in self.params if p in IDENTITY or (p in ("user", "viewer") and not self._is_input(p)))
        if names or self.lines.tells_of_people:
            self._spread(names, lambda node, file: is_identity(node, file, strict=True), self._is_chosen)
        return frozenset(names)

    def _is_chosen(self, value: ast.expr) -> bool:
        """Whether who is there counts only where the request says nothing: `args.get("user_id", current_user.id)`."""
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            return self.is_theirs(value.values[0]) and not self._names_identity(value.values[0])
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or len(value.args) < 2:
            return False
        return value.func.attr == "get" and self.is_theirs(value.func) and not self._names_identity(value.func)

    def _names_identity(self, node: ast.AST) -> bool:
        return any(is_identity(n, self.file, strict=True) for n in walk(node))

    def _is_input(self, name: str) -> bool:
        """Whether the parameter is what was sent (`user: UserCreate`), not who is there (`user: User`)."""
        a = self.node.args
        for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs):
            if arg.arg == name and arg.annotation is not None and name not in self._injected:
                return not re.search(r"(?:User|Account|Any|dict|Principal|str|int)\]?$", self.words(arg.annotation))
        return False

    @cached_property
    def _injected(self) -> frozenset[str]:
        """Parameters that a framework makes (`Depends`), or that a type of the program's own names."""
        a = self.node.args
        plain = (*a.posonlyargs, *a.args)
        defaults: list[tuple[ast.arg, ast.expr | None]] = [
            *zip(reversed(plain), reversed(a.defaults), strict=False),
            *zip(a.kwonlyargs, a.kw_defaults, strict=True),
        ]
        found = {arg.arg for arg, value in defaults if isinstance(value, ast.Call) and _is_depends(value, self.file)}
        for arg in (*plain, *a.kwonlyargs):
            if arg.annotation is not None and "Depends" in self.words(arg.annotation):
                found.add(arg.arg)
        return frozenset(found)

    def _spread(self, names: set[str], is_one: Any, is_none: Any = None) -> None:
        for target, value in self.assigned:
            if target in names or (is_none is not None and is_none(value)):
                continue
            if any(is_one(n, self.file) or (n.__class__ is ast.Name and n.id in names) for n in walk(value)):
                names.add(target)

    @cached_property
    def assigned(self) -> list[tuple[str, ast.expr]]:
        """(name, value) of every assignment to a name, loop or `with`, in order."""
        found: list[tuple[int, str, ast.expr]] = []
        for kind in (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.AsyncFor):
            for node in self.nodes(kind):
                targets = node.targets if kind is ast.Assign else [node.target]
                value = node.iter if kind in (ast.For, ast.AsyncFor) else node.value
                if value is not None:
                    found += [(node.lineno, name, value) for target in targets for name in _names(target)]
        for node in (*self.nodes(ast.With), *self.nodes(ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    found += [(node.lineno, name, item.context_expr) for name in _names(item.optional_vars)]
        found.sort(key=lambda entry: entry[0])
        return [(name, value) for _, name, value in found]

    @cached_property
    def values(self) -> dict[str, list[ast.expr]]:
        values: dict[str, list[ast.expr]] = defaultdict(list)
        for name, value in self.assigned:
            values[name].append(value)
        return values

    def is_theirs(self, node: ast.AST) -> bool:
        """Whether any part of the expression is the request's."""
        if not self.theirs and not self.lines.tells_of_requests:
            return False
        return any(is_request(n, self.file) or (n.__class__ is ast.Name and n.id in self.theirs) for n in walk(node))

    def is_mine(self, node: ast.AST) -> bool:
        if not self.mine and not self.lines.tells_of_people:
            return False
        return any(
            is_identity(n, self.file, strict=True) or (n.__class__ is ast.Name and n.id in self.mine)
            for n in walk(node)
        )

    def annotation_of(self, name: str) -> str:
        """The class that a parameter is declared to be: the last name of it, without what stands in brackets."""
        a = self.node.args
        found = next((arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs) if arg.arg == name), None)
        if found is None or found.annotation is None:
            return ""
        text = self.words(found.annotation)
        return text.removeprefix("Annotated[").partition("[")[0].partition(",")[0].rpartition(".")[2]

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        if isinstance(node, ast.stmt):
            return node
        return next((a for a in self.file.ancestors(node) if isinstance(a, ast.stmt)), None)

    def words(self, node: ast.AST | None) -> str:
        return words_of(node, self.file)

    def sql(self, call: ast.Call) -> str:
        """The statement's constant text, where the call has one."""
        return text_of(call.args[0], self.file)[:2_000] if call.args else ""

    def span(self, node: ast.AST) -> Span:
        return self.file.span(node)

    @property
    def head(self) -> Span:
        return self.file.head_span(self.node)


_NOT_PATH = frozenset(
    {
        "self",
        "cls",
        "request",
        "req",
        "response",
        "resp",
        "db",
        "session",
        "context",
        "info",
        "ws",
        "websocket",
        "background_tasks",
        "current_user",
        "user",
        "environ",
        "start_response",
        "kwargs",
        "args",
    }
)


_PERSON = re.compile(r"(?:User|Account|Customer|Member|Employee|Principal|Identity)(?:Model|DB)?$")


def _is_depends(call: ast.Call, file: PythonFile) -> bool:
    return file.dotted(call.func).endswith(("Depends", "Security"))


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _names(element)
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
