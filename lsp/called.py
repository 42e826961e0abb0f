"""What a document defines and who calls it, as the last look at the files around it told, kept in place since. Pure.

Good to the line: where somebody edits it, a definition stays at the line that is nearest.
"""

from collections.abc import Iterable, Sequence

import msgspec

from lsp.convert import Point, split_lines
from server.reviews.finding import Edit
from server.reviews.snapshot import Called

MAX_EDITS = 50
"""At once, or while an answer is under way: beyond, nothing is known until the next answer."""


class CalledHere:
    """*files*: how many were looked through for callers."""

    def __init__(self) -> None:
        self.functions: tuple[Called, ...] = ()
        self.files = 0
        self._since: list[Edit] | None = None

    def submitted(self) -> None:
        """The current version went to be looked at."""
        self._since = []

    def edited(self, edits: Sequence[Edit]) -> None:
        adding = [edit for edit in edits if _added(edit) or edit.start_line != edit.end_line]
        if self._since is not None:
            self._since += adding
        if len(adding) > MAX_EDITS or len(self._since or ()) > MAX_EDITS:
            self.functions, self._since = (), None
        self.functions = _all_moved(self.functions, adding)

    def answered(self, functions: Iterable[Called], files: int) -> bool:
        """Of the version that was submitted. True when that tells something else than before."""
        if self._since is None:
            return False
        before, self.files = self.functions, files
        self.functions = _all_moved(tuple(functions), self._since)
        return _told(before) != _told(self.functions)

    def find(self, name: str, line: int) -> Called | None:
        """The nearest of that name."""
        named = [one for one in self.functions if one.name == name]
        return min(named, key=lambda one: abs(one.line - line), default=None)


def _told(functions: Iterable[Called]) -> list[tuple[str, int, int]]:
    return [(one.name, one.line, one.count) for one in functions]


def _all_moved(functions: tuple[Called, ...], edits: Iterable[Edit]) -> tuple[Called, ...]:
    for edit in edits:
        functions = tuple(_moved(one, edit) for one in functions)
    return functions


def _moved(called: Called, edit: Edit) -> Called:
    callers = tuple(
        msgspec.structs.replace(one, line=_line_after(one.line, edit)) if one.path == called.path else one
        for one in called.callers
    )
    return msgspec.structs.replace(called, line=_line_after(called.line, edit), callers=callers)


def _line_after(line: int, edit: Edit) -> int:
    if Point(line, 1) >= Point(edit.end_line, edit.end_column):
        return line + _added(edit)
    return min(line, edit.start_line) if line > edit.start_line else line


def _added(edit: Edit) -> int:
    """Lines; those that it takes away count against them."""
    return len(split_lines(edit.text)) - 1 - (edit.end_line - edit.start_line)
