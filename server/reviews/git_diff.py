"""What git's diff output says: changed files, and their changed lines. Pure; `git.py` runs the commands.

A pull request's diff comes from GitHub and is read by `diff.py`.
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from server.reviews.snapshot import LineRange

SUMMARY_OPTIONS = ("--raw", "--numstat", "--no-abbrev", "-z")
PATCH_OPTIONS = ("--patch", "--diff-filter=M", "--unified=0", "--inter-hunk-context=0")


class Candidate(NamedTuple):
    """A file that may be reviewed. *blob* is its content in git, "" where the working tree has it.

    *changed* None: all its lines count. *skip* is the reason why it is not reviewed. *was* is its content before, ""
    unless only the time of the file says that it changed. *base* is its content before, "" of a new file.
    """

    path: str
    changed: tuple[LineRange, ...] | None = None
    blob: str = ""
    skip: str = ""
    was: str = ""
    base: str = ""


_UNREVIEWABLE = {"160000": "submodule", "120000": "symbolic link", "D": "deleted"}


def changed_files(summary: Iterable[str], lines: Mapping[str, tuple[LineRange, ...]]) -> list[Candidate]:
    """The files of a summary: `:100644 100644 <old> <new> M` and a path for each, then `2<tab>1<tab>path`.

    git counts no lines (`-`) of what it takes for binary. .gitattributes can make it take anything for that, so such a
    file counts whole: nobody hides a change from the review.
    """
    files, counts = _read_summary(summary)
    changes = []
    for path, raw in files.items():
        _, mode, before, blob, status = raw.split(" ")
        count = counts.get(path, _NO_LINE)
        skip = _UNREVIEWABLE.get(mode, _UNREVIEWABLE.get(status, ""))
        if skip or status != "M" or count != _NO_LINE:
            changed = lines.get(path, ()) if status == "M" and count != _NOT_COUNTED else None
            is_a_guess = status == "M" and count == _NOT_COUNTED and not blob.strip("0")
            base = before if status == "M" and before.strip("0") else ""
            changes.append(Candidate(path, changed, blob, skip, was=before if is_a_guess else "", base=base))
    return changes


_NO_LINE = "0\t0"  # only the mode changed, or nothing but the time
_NOT_COUNTED = "-\t-"


def _read_summary(summary: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """By path, the raw records and the counts."""
    files: dict[str, str] = {}
    counts: dict[str, str] = {}
    records = iter(summary)
    for record in records:
        if record.startswith(":"):
            files[next(records)] = record
        else:
            added, removed, path = record.split("\t", 2)
            counts[path] = f"{added}\t{removed}"
    return files, counts


_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def changed_lines(patch: Iterable[bytes]) -> dict[str, tuple[LineRange, ...]]:
    """By path, the head's lines that a `--unified=0` patch adds or replaces; none where it only removes."""
    found: dict[str, list[LineRange]] = {}
    ranges: list[LineRange] = []
    content = 0
    for line in patch:
        if content > 0:
            content -= not line.startswith(b"\\")
        elif line.startswith(b"+++ "):
            ranges = found.setdefault(_patch_path(line[4:]), [])
        elif hunk := _HUNK.match(line):
            removed, start, added = (int(group) if group else 1 for group in hunk.groups())
            content = removed + added
            if added:
                ranges.append(LineRange(start, start + added - 1))
    return {path: tuple(ranges) for path, ranges in found.items()}


_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.S)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def _patch_path(written: bytes) -> str:
    """Of `b/path`: in quotes and escaped when it holds odd characters, followed by a tab when it holds a space."""
    if written.startswith(b'"'):
        written = _ESCAPE.sub(_unescape, written[1 : written.rindex(b'"')])
    else:
        written = written.removesuffix(b"\t")
    return os.fsdecode(written.removeprefix(b"b/"))


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPED.get(code, code)
