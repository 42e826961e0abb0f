"""The words for a change as a whole: what its files were and are, which lines it touches, what stands around it.

A `ChangeCheck` compares; what is wrong with the head alone is for the checks of one file and across files. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from server.analysis.admission import Depth, admit
from server.analysis.budget import Budget
from server.analysis.language import Language
from server.analysis.parsed import CannotParse
from server.analysis.project import Files, Found
from server.analysis.python.file import PythonFile
from server.analysis.rule import Rule
from server.analysis.source import Source
from server.reviews.snapshot import LineRange


@dataclass(frozen=True)
class ChangedFile:
    """*before* None: it is new, or nobody knows what it was. *changed* None: every line of it.

    *is_kept*: what was read of it stays for the next check; of a large change that would be too much memory.
    """

    after: Source
    before: Source | None
    changed: tuple[LineRange, ...] | None
    is_kept: bool = True

    @property
    def path(self) -> str:
        return self.after.path

    @cached_property
    def is_new(self) -> bool:
        whole = (LineRange(1, len(self.after.lines) - (not self.after.lines[-1])),)
        return self.before is None and (self.changed is None or self.changed == whole)

    @property
    def python_after(self) -> PythonFile | None:
        return self._kept_after if self.is_kept else _python(self.after)

    @property
    def python_before(self) -> PythonFile | None:
        return self._kept_before if self.is_kept else _python(self.before)

    @cached_property
    def _kept_after(self) -> PythonFile | None:
        return _python(self.after)

    @cached_property
    def _kept_before(self) -> PythonFile | None:
        return _python(self.before)

    def touches(self, start_line: int, end_line: int) -> bool:
        """Whether a line of the head in this range is new or changed."""
        if self.changed is None:
            return True
        return any(lines.start <= end_line and start_line <= lines.end for lines in self.changed)

    def changed_lines(self) -> Iterator[int]:
        ranges = (LineRange(1, len(self.after.lines)),) if self.changed is None else self.changed
        for lines in ranges:
            yield from range(lines.start, lines.end + 1)


def _python(source: Source | None) -> PythonFile | None:
    """None of what is not Python, or cannot be read as such."""
    if source is None or source.language is not Language.PYTHON or admit(source).depth is not Depth.FULL:
        return None
    try:
        return PythonFile.parse(source)
    except CannotParse:
        return None


@dataclass(frozen=True)
class Change:
    """*paths*: every file that it touches, deleted and unread ones too. *around*: path -> text of other files."""

    files: tuple[ChangedFile, ...]
    paths: frozenset[str]
    around: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def project_paths(self) -> frozenset[str]:
        """Of all files that are known, whoever changed them."""
        return self.paths.union(self.around)


class Edited(NamedTuple):
    """A change as an example: what the files were, what they are, and what stands around them."""

    before: Files
    after: Files
    around: Files = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ChangeCheck:
    """Looks for *rules* in a change. Each of *bad* makes its rule speak; in *good*, none does."""

    name: str
    rules: tuple[Rule, ...]
    find: Callable[[Change, Budget], Iterator[Found]]
    bad: tuple[tuple[Rule, Edited], ...]
    good: tuple[Edited, ...]
