"""What a model wrote for a cursor, made fit to stand there, or refused. Pure.

It repeats what is there already, above all where it ends; such repetition goes. What is left is suggested only when it
is neither degenerate nor hidden from people nor leads them elsewhere.
"""

import re
from collections import Counter
from typing import NamedTuple

from server.agents.hostile import check_answer, redact, reveal
from server.analysis.syntax import still_parses
from server.reviews.snapshot import Snapshot, SourceFile

MAX_LINES = 12
NOTHING = "NOTHING"
"""What the model says when it cannot tell."""

LEAST_REPEATED = 3
"""Characters of a line's beginning that are written once more; fewer may begin a word twice."""
MAX_SAME_LINES = 3
MAX_SAME_CHARACTERS = 120
MAX_OVERLAP_LINES = 8

_FENCED = re.compile(r"\s*(```+|~~~+)[^\n`~]*\n(?P<code>.*?)\n?\s*\1\s*", re.DOTALL)
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
_WORD = re.compile(r"\w")
_ONE_CHARACTER = re.compile(rf"(\S)\1{{{MAX_SAME_CHARACTERS}}}")
_REFUSED = frozenset({"refusal", "repetition", "address", "image", "secret"})
"""What `check_answer` objects to that is no matter of prose."""


class Gap(NamedTuple):
    """Where something is inserted: *before* ends, and *after* begins, at the cursor. LF alone ends their lines."""

    path: str
    before: str
    after: str

    @property
    def line_before(self) -> str:
        return self.before.rpartition("\n")[2]

    @property
    def line_after(self) -> str:
        return self.after.partition("\n")[0]


def insertion(said: str, gap: Gap, *, is_cut: bool = False) -> str:
    """What of *said* may be suggested at the gap, "" for nothing. *is_cut*: the model had no room for more."""
    text = _unfenced(said.replace("\r\n", "\n"))
    if text.strip() == NOTHING:
        return ""
    if is_cut:  # its last line is half of one
        text = text.rpartition("\n")[0] or text
    text = _without_repeated_start(text, gap)
    if gap.line_after.strip():
        text = text.strip("\n").partition("\n")[0]
    text = "\n".join(text.rstrip().split("\n")[:MAX_LINES])
    text = _without_repeated_end(text, gap).rstrip()
    return text if text.strip() and _is_fit(text, gap) else ""


def _unfenced(said: str) -> str:
    found = _FENCED.fullmatch(said)
    return found["code"] if found else said


def _without_repeated_start(text: str, gap: Gap) -> str:
    given = gap.line_before.strip()
    if not given:
        text = text.lstrip("\n")
    elif len(given) >= LEAST_REPEATED and text.lstrip().startswith(given):
        text = text.lstrip()[len(given) :]
    return text.lstrip(" \t") if gap.line_before.endswith((" ", "\t")) else text


def _without_repeated_end(text: str, gap: Gap) -> str:
    rest = gap.line_after.strip()
    if rest:
        size = next((n for n in range(min(len(rest), len(text)), 0, -1) if text.endswith(rest[:n])), 0)
        return text[: len(text) - size] if size and _is_repeated(rest[:size], text) else text
    lines = text.split("\n")
    below = [line.strip() for line in gap.after.split("\n")[1:] if line.strip()][:MAX_OVERLAP_LINES]
    if _starts_like(lines, below):
        return ""
    for size in range(min(len(lines), len(below)), 0, -1):
        tail = [line.strip() for line in lines[-size:]]
        if tail == below[:size] and _is_repeated("".join(tail), text):
            return "\n".join(lines[:-size])
    return text


def _starts_like(lines: list[str], below: list[str]) -> bool:
    """It says what stands below, from its beginning on."""
    said = [line.strip() for line in lines if line.strip()]
    same = min(len(said), len(below), 2)
    return same > 0 and said[:same] == below[:same] and _WORD.search("".join(said[:same])) is not None


def _is_repeated(overlap: str, text: str) -> bool:
    """Brackets and quotes end many things: they are said twice only when *text* closes more than it opens."""
    if _WORD.search(overlap):
        return True
    closes = any(end in overlap and text.count(end) > text.count(begin) for begin, end in ("()", "[]", "{}"))
    return closes or any(quote in overlap and text.count(quote) % 2 for quote in "\"'`")


def _is_fit(text: str, gap: Gap) -> bool:
    if _is_degenerate(text, gap):
        return False
    if reveal(text).text != text or redact(text) != text or "[redacted:" in text:
        return False
    known = Snapshot("", (SourceFile(gap.path, gap.before + gap.after),))
    if any(objection.kind in _REFUSED for objection in check_answer(text, known)):
        return False
    return _parses_as_before(text, gap)


def _is_degenerate(text: str, gap: Gap) -> bool:
    """It goes round in circles, or says what stands above once more, or is prose about code."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if max(Counter(line for line in lines if _WORD.search(line)).values(), default=0) > MAX_SAME_LINES:
        return True
    above = [line.strip() for line in gap.before.split("\n")[:-1] if line.strip()]
    if len(lines) > 1 and above[-len(lines) :] == lines:
        return True
    is_fenced = _FENCE.search(text) is not None and _FENCE.search(gap.before) is None
    return is_fenced or _ONE_CHARACTER.search(text) is not None


def _parses_as_before(text: str, gap: Gap) -> bool:
    """Where somebody types, much does not parse; what did shall not stop to."""
    after = gap.before + text + gap.after
    return still_parses(gap.path, after) or not still_parses(gap.path, gap.before + gap.after)
