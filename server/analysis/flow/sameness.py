"""Whether a function is written as it was before, wherever in its file it stands now."""

from dataclasses import fields
from typing import Any

from server.analysis.flow import program
from server.analysis.flow.program import Define, Function
from server.analysis.flow.scopes import Unit
from server.analysis.source import Span

_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind) if field.name != "written")
    for kind in vars(program).values()
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
}

_LINES = frozenset({"line", "end_line"})

_EVALUATED_WITH_THE_MODULE = ("name", "line", "params", "decorators")
"""Of the functions in a module or a class; their bodies are units of their own."""


def is_same_code(old: Unit, new: Unit) -> bool:
    """Lines count from the start of the unit, as in all that is told of it."""
    if old.function is None or new.function is None:
        return old.function is new.function and _is_same(
            old.scope.module.body, new.scope.module.body, 0, is_module=True
        )
    if old.function.written and old.function.written == new.function.written:
        return old.function.qualified == new.function.qualified and old.function.is_method is new.function.is_method
    return _is_same(old.function, new.function, new.line - old.line, is_module=False)


def _is_same(old: Any, new: Any, shift: int, *, is_module: bool) -> bool:
    """By a list of what is left to compare: code may nest deeply."""
    left = [(old, new)]
    while left:
        one, other = left.pop()
        if one is other and not shift:
            continue  # a statement of the module that was not lowered anew
        kind = one.__class__
        if kind is not other.__class__:
            return False
        names = _FIELDS.get(kind)
        if names is not None:
            for name in _EVALUATED_WITH_THE_MODULE if is_module and kind is Function else names:
                was, now = getattr(one, name), getattr(other, name)
                if name not in _LINES:
                    left.append((was, now))
                elif now - was != shift and not (is_module and kind in _OF_OTHERS):
                    return False
        elif kind is Span:
            if _moved(one, shift) != other:
                return False
        elif kind is list or kind is tuple:
            if len(one) != len(other):
                return False
            left.extend(zip(one, other, strict=True))
        elif one != other:
            return False
    return True


_OF_OTHERS = frozenset({Define, Function})
"""Where they stand is told of them, not of the module."""


def _moved(span: Span, shift: int) -> Span:
    return Span(span.start_line + shift, span.start_column, span.end_line + shift, span.end_column)
