"""The calls of one file, each with what is known of names where it stands. What they lead to, `callers.py` finds out.

Made once of each text of a file: it walks all of it.
"""

from collections import defaultdict
from dataclasses import fields
from typing import Any, NamedTuple

from server.analysis.flow import program
from server.analysis.flow.program import (
    Assign,
    Attr,
    Call,
    Class,
    Collection,
    Each,
    Expr,
    Function,
    Import,
    Loop,
    Module,
    Name,
    With,
)
from server.analysis.language import Language

_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind) if field.name not in ("line", "end_line", "span"))
    for kind in vars(program).values()
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
}


_MAKES_ITSELF = {Language.PHP: frozenset({"self", "static"}), Language.RUBY: frozenset({"new"})}
"""What a class calls in its own methods to make an object of itself: `new self()`, `new(1)`."""


class Element(NamedTuple):
    """What a loop takes out of *source*, one by one."""

    source: Expr


class Within:
    """Where code stands: in a function, a class, or the module itself.

    *owner*: the class whose methods `self` has, by its full name. *receiver*: what its functions call `self`. *types*:
    of local names what was written of them first: an annotation, the call that made them, what they are taken out of.
    *bound*: all local names, but for those that are *imported* here: what for, dotted.
    """

    __slots__ = ("bound", "imported", "is_class", "outer", "owner", "receiver", "types")

    def __init__(self, outer: "Within | None", owner: str, receiver: str, *, is_class: bool = False) -> None:
        self.outer = outer
        self.owner = owner
        self.receiver = receiver
        self.is_class = is_class
        self.types: dict[str, Expr | Element] = {}
        self.bound: set[str] = set()
        self.imported: dict[str, str] = {}


class Site(NamedTuple):
    """A call. *column*: 1-based, in code points."""

    callee: Expr
    line: int
    column: int
    within: Within


class Sites:
    """*by_name*: the calls, by the last part of the name that is called. *attributes*: of classes what was written of
    the types of `self.name`, by the class's full name.
    """

    def __init__(self, module: Module) -> None:
        self._of_itself = _MAKES_ITSELF.get(module.language, frozenset())
        self.by_name: dict[str, list[Site]] = defaultdict(list)
        self.attributes: dict[str, dict[str, Expr]] = defaultdict(dict)
        self._left: list[tuple[Any, Within]] = [(module.body, Within(None, "", ""))]
        while self._left:
            self._look(*self._left.pop())

    def _look(self, node: Any, within: Within) -> None:
        kind = node.__class__
        if kind is list or kind is tuple:
            self._left.extend((part, within) for part in node)
        elif isinstance(node, Function):
            self._enter_function(node, within)
        elif isinstance(node, Class):
            self._decorated(node.decorators, within)
            self._left.append((node.bases, within))
            self._left.append((node.body, Within(within, node.qualified, "", is_class=True)))
        else:
            if isinstance(node, Call):
                self._called(node.callee, node.span.start_line, node.span.start_column, within)
            elif isinstance(node, Assign):
                self._note_types(node, within)
            elif isinstance(node, With):
                for made, bound in node.items:
                    self._note(bound, made, within)
            elif isinstance(node, Loop) and node.target is not None and node.iterable is not None:
                self._note_element(node.target, node.iterable, within)
            elif isinstance(node, Each):
                for loop_target, iterable, _ in node.loops:
                    self._note_element(loop_target, iterable, within)
            elif isinstance(node, Import):
                within.imported.update(node.bindings)
            self._left.extend((getattr(node, name), within) for name in _FIELDS.get(kind, ()))

    def _enter_function(self, function: Function, within: Within) -> None:
        self._decorated(function.decorators, within)
        is_method = within.is_class and function.is_method and not function.is_static and bool(function.params)
        receiver = function.params[0].name if is_method else within.receiver
        inner = Within(within, within.owner, receiver)
        within.bound.add(function.name)
        for param in function.params[int(is_method) :]:
            inner.bound.add(param.name)
            if param.annotation is not None:
                inner.types[param.name] = param.annotation
            self._left.append((param.default, within))
        self._left.append((function.body, inner))

    def _decorated(self, decorators: list[Expr], within: Within) -> None:
        """A decorator is called, with parentheses or without."""
        for decorator in decorators:
            if not isinstance(decorator, Call):
                self._called(decorator, decorator.line, 1, within)
            self._left.append((decorator, within))

    def _called(self, callee: Expr, line: int, column: int, within: Within) -> None:
        if isinstance(callee, Name) and callee.id in self._of_itself and within.owner:
            callee = Name(callee.line, within.owner.rpartition(".")[2])
        name = callee.id if isinstance(callee, Name) else callee.name if isinstance(callee, Attr) else ""
        if name:
            self.by_name[name].append(Site(callee, line, column, within))

    def _note_types(self, node: Assign, within: Within) -> None:
        for target in node.targets:
            self._note(target, node.annotation or node.value, within)

    def _note(self, target: Expr | None, told: Expr, within: Within) -> None:
        if isinstance(target, Name):
            within.bound.add(target.id)
            if isinstance(told, Call | Name | Attr) or told.__class__ in _ANNOTATIONS:
                within.types[target.id] = told
        elif isinstance(target, Attr) and isinstance(target.base, Name) and target.base.id == within.receiver:
            known = within.types.get(told.id) if isinstance(told, Name) else told
            if known is not None and not isinstance(known, Element):
                self.attributes[within.owner].setdefault(target.name, known)

    def _note_element(self, target: Expr, source: Expr, within: Within) -> None:
        """Of several targets the last has what matters: `for number, item in enumerate(items)`, `in prices.items()`."""
        if isinstance(target, Collection) and isinstance(source, Call) and target.items:
            target = target.items[-1][1]
        if isinstance(target, Name):
            within.types[target.id] = Element(source)


_ANNOTATIONS = (program.Item, program.Unknown)
"""`list[Cart]`, `Cart | None`."""
