"""Two versions of one Python function: which calls the second refuses, and whether it may return nothing."""

import ast
from collections.abc import Iterator

from server.analysis.python.file import FunctionNode
from server.analysis.python.paths import is_nothing, leaves, returns_of

MAX_NAMED = 3


def broken_calls(old: ast.arguments, new: ast.arguments) -> str:
    """Why calls that the old one took may fail, in a phrase; "" when none does."""
    return next((reason for reason in _reasons(old, new) if reason), "")


def _reasons(old: ast.arguments, new: ast.arguments) -> Iterator[str]:
    before, after = _parameters(old), _parameters(new)
    gone = [name for name in before if name not in after]
    needed = [n for n, needs in after.items() if needs and not before.get(n, False) and n not in _renamed(old, new)]
    if needed:
        yield f"{_names(needed)} must be given now"
    if gone and new.kwarg is None and not _renamed(old, new):
        yield f"{_names(gone)} is not taken any more" if len(gone) == 1 else f"{_names(gone)} are not taken any more"
    if renamed := _renamed(old, new):
        yield " and ".join(f"{was} is called {now} now" for was, now in renamed.values())
    was, now = _positional(old), _positional(new)
    kept = [name for name in was if name in now]
    if kept != [name for name in now if name in was]:
        yield f"{_names(kept)} come in another order now"
    by_name = [name for name in was if name in {a.arg for a in new.kwonlyargs}]
    if by_name and new.vararg is None:
        yield f"{_names(by_name)} must be given by name now"


def _parameters(arguments: ast.arguments) -> dict[str, bool]:
    """By name, whether it must be given. Without those that can only be given by place: their names are nobody's."""
    plain = (*arguments.posonlyargs, *arguments.args)
    required = len(plain) - len(arguments.defaults)
    by_place = {a.arg: number < required for number, a in enumerate(plain) if not a.arg.startswith("_")}
    by_name = {a.arg: d is None for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)}
    return by_place | by_name


def _positional(arguments: ast.arguments) -> list[str]:
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]


def _renamed(old: ast.arguments, new: ast.arguments) -> dict[str, tuple[str, str]]:
    """By the new name, both: where as many parameters stand in the same order, and one has another name."""
    was, now = _positional(old), _positional(new)
    if len(was) != len(now) or len(old.defaults) != len(new.defaults):
        return {}
    pairs = [(a, b) for a, b in zip(was, now, strict=True) if a != b]
    if len(pairs) != 1 or pairs[0][0].startswith("_") or pairs[0][0] in now or pairs[0][1] in was:
        return {}
    return {pairs[0][1]: pairs[0]}


def _names(names: list[str]) -> str:
    shown = names[:MAX_NAMED]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(shown) + more


def annotation_allows_none(annotation: ast.expr | None) -> bool:
    """Whether callers can read there that None may come. Without an annotation nobody can."""
    return annotation is not None and any(word in ast.unparse(annotation) for word in ("None", "Optional", "Any"))


def always_returns_value(function: FunctionNode) -> bool:
    """Whether every path ends in a return of something, or in an error."""
    returns = returns_of(function)
    return bool(returns) and not any(map(is_nothing, returns)) and leaves(function.body)


def sometimes_returns_value(function: FunctionNode) -> bool:
    """Whether one path returns something, and another nothing."""
    returns = returns_of(function)
    nothing = [is_nothing(node) for node in returns]
    return not all(nothing) and (any(nothing) or not leaves(function.body))
