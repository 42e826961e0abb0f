"""One function of a lowered program as the extraction looks at it: its nodes by type, its calls by name, what is the
request's ("theirs") and what comes from who is logged in ("mine").
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from server.analysis.budget import spend
from server.analysis.flow import program as p
from server.analysis.source import Source, Span
from server.analysis.web.lowered.words import (
    HOLDERS,
    ME,
    USER_CALL,
    USER_NAMED,
    USER_PART,
    USER_TYPE,
    snake,
)
from server.analysis.web.words import KEY, SECRET_HEADER

_LONGEST = 12_000
"""Characters of a function's text that are looked at."""


class Called(NamedTuple):
    """*chain*: `$stmt.execute` of `$stmt->execute([$id])`, `Order.where.first` of `Order::where(..)->first()`.

    *last*: its last part in snake case.
    """

    chain: str
    last: str
    node: p.Call


@dataclass(frozen=True, slots=True)
class Requests:
    """How a language's frameworks hand a request's values to a handler.

    *names*: variables that are the request's. *parts*: attributes or methods (as written) that give a value of the
    request, of one of the *holders*. *binders*: calls (in snake case) that fill an argument with the request's body.
    """

    names: frozenset[str]
    parts: frozenset[str]
    holders: frozenset[str]
    binders: frozenset[str] = frozenset()


@dataclass
class Body:
    """*fills*: the handler's parameters that the request fills."""

    source: Source
    requests: Requests
    function: p.Function
    is_handler: bool
    fills: frozenset[str]
    injected: frozenset[str]
    """Parameters in which a framework hands over who is logged in."""
    constants: Mapping[str, Sequence[p.Expr]] = field(default_factory=dict)
    """What variables of the file and fields of its classes are given outside of functions."""

    @cached_property
    def by_type(self) -> dict[type, list[Any]]:
        found: dict[type, list[Any]] = defaultdict(list)
        for node in walk(*self.function.body):
            found[node.__class__].append(node)
        return found

    def nodes(self, kind: type) -> Sequence[Any]:
        return self.by_type.get(kind, ())

    @cached_property
    def calls(self) -> list[Called]:
        found = []
        for node in self.nodes(p.Call):
            name = chain(node.callee)
            found.append(Called(name, snake(name.rpartition(".")[2]), node))
        return found

    @cached_property
    def params(self) -> tuple[str, ...]:
        return tuple(param.name for param in self.function.params)

    @cached_property
    def assigned(self) -> list[tuple[str, p.Expr]]:
        """(name, value) of every assignment to a name or to a field of the object itself (`@order`)."""
        found: list[tuple[str, p.Expr]] = []
        for node in self.nodes(p.Assign):
            found += [(name, node.value) for target in node.targets for name in _names(target)]
        for node in self.nodes(p.Let):
            found += [(name, node.value) for name in _names(node.target)]
        for node in self.nodes(p.Loop):
            if node.target is not None and node.iterable is not None:
                found += [(name, node.iterable) for name in _names(node.target)]
        found += [
            (name, entered) for node in self.nodes(p.With) for entered, bound in node.items for name in _names(bound)
        ]
        return found

    @cached_property
    def values(self) -> dict[str, list[p.Expr]]:
        values: dict[str, list[p.Expr]] = defaultdict(list)
        for name, value in self.assigned:
            values[name].append(value)
        return values

    @cached_property
    def declared(self) -> dict[str, str]:
        """The types that variables and parameters are declared with, by their last names."""
        found = {
            param.name: chain(param.annotation).rpartition(".")[2]
            for param in self.function.params
            if param.annotation is not None
        }
        for node in self.nodes(p.Assign):
            kind = chain(node.annotation) if node.annotation is not None else ""
            if not kind and node.value.__class__ is p.Call and chain(node.value.callee) == "new" and node.value.args:
                kind = chain(node.value.args[0])  # Go: `user := new(models.User)`
            if not kind and node.value.__class__ is p.Call and node.value.new:
                kind = chain(node.value.callee)
            for name in (name for target in node.targets for name in _names(target)):
                if kind:
                    found[name] = kind.rpartition(".")[2]
        return found

    @cached_property
    def theirs(self) -> frozenset[str]:
        names = set(self.fills)
        if not self.is_handler:
            names.update(name for name in self.params if KEY.search(snake(name)))
        for closure in self.nodes(p.Closure):
            names.update(param.name for param in closure.function.params if KEY.search(snake(param.name)))
        for called in self.calls:
            if called.last in self.requests.binders:
                names.update(plain(given) for given in called.node.args[-1:] if plain(given))
        self._spread(names, self.is_request)
        return frozenset(names)

    @cached_property
    def mine(self) -> frozenset[str]:
        names = set(self.injected)
        if not self.is_handler:
            names.update(name for name in self.params if USER_NAMED.match(snake(name)) and name not in HOLDERS)
        self._spread(names, is_identity)
        return frozenset(names)

    def _spread(self, names: set[str], is_one: Callable[[Any], bool]) -> None:
        for name, value in self.assigned:
            if name not in names and any(is_one(n) or _read(n) in names for n in walk(value)):
                names.add(name)

    def is_request(self, node: Any) -> bool:
        kind = node.__class__
        if kind is p.Name:
            return node.id in self.requests.names
        if kind is p.Attr and node.name in self.requests.parts:
            return root(node.base) in self.requests.holders
        return False

    def is_theirs(self, *nodes: p.Expr) -> bool:
        """Whether any part of the expressions is the request's."""
        return any(self.is_request(n) or _read(n) in self.theirs for n in walk(*nodes))

    def is_mine(self, *nodes: p.Expr) -> bool:
        return any(is_identity(n) or _read(n) in self.mine for n in walk(*nodes))

    @cached_property
    def text(self) -> str:
        lines = self.source.lines[self.function.line - 1 : self.function.end_line]
        return "\n".join(lines)[:_LONGEST]

    @cached_property
    def tests(self) -> list[p.Expr]:
        """What decides which way the function goes, and the truths that it returns."""
        found = [node.test for node in (*self.nodes(p.If), *self.nodes(p.Choice))]
        found += [node.test for node in self.nodes(p.Loop) if node.test is not None]
        for node in self.nodes(p.Return):
            if isinstance(node.value, p.Op):
                found.append(node.value)
        return found

    def span(self, line: int) -> Span:
        return self.source.line_span(line)

    @property
    def head(self) -> Span:
        return self.source.line_span(self.function.line)


def chain(node: Any) -> str:
    """A dotted name without what is in its parentheses and brackets."""
    parts: list[str] = []
    while True:
        kind = node.__class__
        if kind is p.Attr:
            parts.append(node.name)
            node = node.base
        elif kind is p.Call:
            node = node.callee
        elif kind is p.Item:
            node = node.base
        else:
            if kind is p.Name:
                parts.append(node.id)
            parts.reverse()
            return ".".join(parts)


def root(node: Any) -> str:
    """The name at the start of `c.Request.Header`, or of the last thing that is no plain attribute of it."""
    while True:
        kind = node.__class__
        if kind is p.Name:
            return str(node.id)
        if kind is p.Attr or kind is p.Item:
            node = node.base
        elif kind is p.Call:
            node = node.callee
        else:
            return ""


def plain(node: Any) -> str:
    """The name of a variable or of a field of the object itself; "" for anything else."""
    if node.__class__ is p.Name:
        return str(node.id)
    if node.__class__ is p.Attr and node.base.__class__ is p.Name and node.base.id in _SELVES:
        return f"self.{node.name}"
    return ""


_SELVES = frozenset({"self", "this", "$this"})
_read = plain


def text_of(node: Any) -> str:
    """The constant text of an expression, with `?` for what is put into it."""
    kind = node.__class__
    if kind is p.Const:
        return node.value if node.value.__class__ is str else ""
    if kind is p.Text:
        return "".join(text_of(part) or "?" for part in node.parts)
    return ""


def is_identity(node: Any) -> bool:
    """Whether the node names who is logged in: `current_user`, `$_SESSION["id"]`, `Auth::id()`, `c.Get("user")`."""
    kind = node.__class__
    if kind is p.Name:
        return ME.match(snake(node.id)) is not None
    if kind is p.Attr:
        name = snake(node.name)
        if ME.match(name):
            return True
        return name in _USER_ATTRIBUTES and _is_user_holder(node.base)
    if kind is p.Item:
        return _is_kept_user(chain(node.base), node.key)
    if kind is p.Call and node.args:
        name = chain(node.callee)
        head, _, last = name.rpartition(".")
        if snake(last) in _GETTERS:
            return _is_kept_user(head, node.args[0], snake(last))
        if USER_CALL.search(snake(last)):
            return all(plain(given) in HOLDERS or root(given) in _CONTEXTS for given in node.args)
    return False


_USER_ATTRIBUTES = frozenset({"user", "user_id", "id", "get_user", "account", "member", "authentication", "subject"})
_AUTHS = frozenset(
    {"Auth", "auth", "Current", "$auth", "request", "$request", "req", "security", "$security", "session"}
)
_CONTEXTS = frozenset({"r", "c", "ctx", "context", "req", "request", "$request"})
_GETTERS = frozenset(
    {"get", "get_attribute", "must_get", "value", "locals", "get_string", "get_int", "get_int64", "get_uint", "fetch"}
)


def _is_user_holder(node: Any) -> bool:
    """`Auth`, `auth()`, `$request` (but not what a stranger put into it), `$this` of a controller."""
    kind = node.__class__
    if kind is p.Call:
        return _is_user_holder(node.callee)
    if kind is p.Name:
        return node.id in _AUTHS or node.id == "$this"
    return kind is p.Attr and snake(node.name) in ("auth", "security", "session", "guard", "current")


def _is_kept_user(holder: str, key: Any, getter: str = "") -> bool:
    """A part of a session, or of a request's context, under a user's name."""
    name = (text_of(key) or chain(key)).rpartition(".")[2]
    if not USER_PART.match(snake(name)):
        return False
    last = snake(holder.rpartition(".")[2])
    if "session" in snake(holder) or last in ("claims", "get_claims"):
        return True
    is_context = last in ("context", "locals", "default", "attributes", "c", "ctx") or getter == "get_attribute"
    return is_context and name not in ("id", "email", "login")


# Walking


def walk(*roots: Any) -> Iterator[Any]:
    """The nodes and all that is in them, in order; closures too, but no functions with a name."""
    spend()
    waiting = [node for node in reversed(roots) if node is not None]
    while waiting:
        node = waiting.pop()
        yield node
        children = _CHILDREN.get(node.__class__)
        if children is not None:
            inner = [child for child in children(node) if child is not None]
            inner.reverse()
            waiting += inner


def _of_loops(node: p.Each) -> list[Any]:
    found: list[Any] = []
    for target, iterable, conditions in node.loops:
        found += (iterable, target, *conditions)
    return [*found, node.key, node.value]


_CHILDREN: dict[type, Callable[[Any], list[Any]]] = {
    p.Attr: lambda n: [n.base],
    p.Item: lambda n: [n.base, n.key],
    p.Call: lambda n: [n.callee, *n.args, *(value for _, value in n.keywords)],
    p.Text: lambda n: n.parts,
    p.Op: lambda n: n.operands,
    p.Collection: lambda n: [part for pair in n.items for part in pair],
    p.Each: _of_loops,
    p.Choice: lambda n: [n.test, n.yes, n.no],
    p.Let: lambda n: [n.value, n.target],
    p.Closure: lambda n: n.function.body,
    p.Spread: lambda n: [n.value],
    p.Yield: lambda n: [n.value],
    p.Unknown: lambda n: n.parts,
    p.Assign: lambda n: [n.value, *n.targets],
    p.Do: lambda n: [n.value],
    p.Return: lambda n: [n.value],
    p.Raise: lambda n: [n.value],
    p.If: lambda n: [n.test, *n.body, *n.orelse],
    p.Loop: lambda n: [n.iterable, n.target, n.test, *n.body, *n.orelse],
    p.Try: lambda n: [
        *n.body,
        *(statement for handler in n.handlers for statement in handler.body),
        *n.orelse,
        *n.final,
    ],
    p.With: lambda n: [*(part for pair in n.items for part in pair), *n.body],
}


def _names(target: Any) -> list[str]:
    if target is None:
        return []
    if target.__class__ is p.Collection:
        return [name for _, item in target.items for name in _names(item)]
    if target.__class__ is p.Spread:
        return _names(target.value)
    name = plain(target)
    return [name] if name else []


def is_user_param(param: p.Param) -> bool:
    """Whether a framework hands over who is logged in, or what shows it: `@RequestHeader("Authorization")`."""
    kind = chain(param.annotation) if param.annotation is not None else ""
    named = any("Principal" in chain(d) or "CurrentUser" in chain(d) for d in param.decorators)
    named = named or any(SECRET_HEADER.match(text_of(n)) for d in param.decorators for n in walk(d))
    return named or USER_TYPE.search(kind) is not None or ME.match(snake(param.name)) is not None
