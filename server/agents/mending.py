"""A model's edits, checked against the snapshot and applied to it. Pure.

An edit names whole lines and their old text; both have to be as they are, so that nothing is changed that was not read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Protocol

import msgspec
from msgspec.structs import replace

from server.agents.code import Code
from server.agents.hostile import reveal
from server.analysis.syntax import still_parses
from server.reviews.asks import FileFix
from server.reviews.diff import diff_of
from server.reviews.finding import Edit, Fix, apply_edits
from server.reviews.snapshot import Snapshot, SourceFile

MAX_EDITS = 60


class LinesEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*new* takes the place of the lines; "" deletes them. *old*: exactly what stands there."""

    path: str
    start_line: int
    end_line: int
    old: str
    new: str


class Mended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*title*: what the edits do, in a few words. *is_safe*: nothing but the problem changes its behaviour.

    *left*: findings (F1) that the edits are not meant to mend; *why* says the reason.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=3_000)]
    edits: Annotated[tuple[LinesEdit, ...], msgspec.Meta(max_length=MAX_EDITS)] = ()
    left: Annotated[tuple[str, ...], msgspec.Meta(max_length=20)] = ()
    is_safe: bool = False


class Edits(Protocol):
    """What edits come with: `Mended`, or the answer of another agent that edits."""

    @property
    def title(self) -> str: ...

    @property
    def edits(self) -> Sequence[LinesEdit]: ...

    @property
    def is_safe(self) -> bool: ...


class Patch:
    """The edits by file. *problems*: why they cannot be made; then there is nothing else of use."""

    def __init__(self, mended: Edits, code: Code) -> None:
        self.fixes: dict[str, Fix] = {}
        self.texts: dict[str, str] = {}
        self.problems = [problem for edit in mended.edits if (problem := _problem(edit, code))]
        if not self.problems:
            self._apply(mended, code)

    def _apply(self, mended: Edits, code: Code) -> None:
        by_path: dict[str, list[Edit]] = defaultdict(list)
        for edit in mended.edits:
            by_path[edit.path].append(_exact(edit, code.files[edit.path].text))
        for path, edits in by_path.items():
            before = code.files[path].text
            fix = Fix(mended.title, tuple(sorted(edits, key=lambda e: (e.start_line, e.start_column))), mended.is_safe)
            try:
                after = apply_edits(before, fix.edits)
            except ValueError as error:
                self.problems.append(f"{path}: {error}")
                continue
            if still_parses(path, before) and not still_parses(path, after):
                self.problems.append(f"{path} does not parse any more")
            self.fixes[path], self.texts[path] = fix, after

    def file_fixes(self, code: Code) -> tuple[FileFix, ...]:
        return tuple(
            FileFix(path, fix, diff_of(path, code.files[path].text, self.texts[path]))
            for path, fix in self.fixes.items()
        )


def applied(snapshot: Snapshot, texts: Mapping[str, str]) -> Snapshot:
    """The snapshot with these files as they would be."""

    def files(before: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
        return tuple(replace(file, text=texts.get(file.path, file.text)) for file in before)

    return replace(snapshot, files=files(snapshot.files), context=files(snapshot.context))


def _problem(edit: LinesEdit, code: Code) -> str:
    place = f"{edit.path}:{edit.start_line}-{edit.end_line}"
    if edit.path not in code.files:
        return f"{place}: there is no such file"
    last = code.last_line(edit.path)
    if not 1 <= edit.start_line <= edit.end_line <= last:
        return f"{place}: {edit.path} has {last} lines"
    old = edit.old.removesuffix("\n").split("\n")
    stands: list[Sequence[str]] = [code.source(edit.path).lines, code.shown(edit.path)]
    if not any(_same(old, lines[edit.start_line - 1 : edit.end_line]) for lines in stands):
        there = "\n".join(code.shown(edit.path)[edit.start_line - 1 : edit.end_line])
        return f"{place}: the old text is not what stands there, which is:\n{there[:1_000]}"
    if reveal(edit.new).text != edit.new:
        return f"{place}: the new text holds characters that nobody sees: write it without them"
    if "[redacted:" in edit.new:
        return f"{place}: lines that hold a secret cannot be written anew: leave them out of the edit"
    return ""


def _same(old: Sequence[str], lines: Sequence[str]) -> bool:
    """But for white space at the end of lines."""
    return [line.rstrip() for line in old] == [line.rstrip() for line in lines]


def _exact(edit: LinesEdit, text: str) -> Edit:
    lines = text.split("\n")
    end = "\r" if lines[edit.start_line - 1].endswith("\r") else ""
    new = edit.new.removesuffix("\n")
    if not edit.new and edit.end_line < len(lines):
        return Edit(edit.start_line, 1, edit.end_line + 1, 1, "")
    column = len(lines[edit.end_line - 1].removesuffix("\r")) + 1
    return Edit(edit.start_line, 1, edit.end_line, column, new.replace("\n", f"{end}\n"))
