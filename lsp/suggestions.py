"""Where an editor wants to know what comes next, and what was suggested lately. Pure.

A `Gap` is a place in a document as it would be when what is selected in a list of completions were accepted; whoever
types on what was suggested needs no model to hear the rest of it.
"""

import re
from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from lsprotocol import types

from lsp.convert import Point, to_point
from lsp.documents import Document
from server.reviews.asks import MAX_AFTER_CURSOR, MAX_BEFORE_CURSOR

KEPT = 20
TAIL = 2_000
"""Characters before the cursor by which a place is known again."""

MAX_QUERY_LINES = 8
MAX_QUERY = 800

_LINE_END = re.compile(r"\r\n?")
_CLOSING = re.compile(r"[\s\])}>\"'`:;,.]*")


class Gap(NamedTuple):
    """*before* ends, and *after* begins, where something is to be inserted; LF alone ends their lines.

    *selected* is the end of *before*, and does not stand in the document yet: it is to replace *range*. *line_end*: how
    the document ends its lines.
    """

    uri: str
    before: str
    after: str
    range: types.Range
    selected: str
    line_end: str

    @property
    def is_promising(self) -> bool:
        """Whether somebody who only types would want to hear of it: at the end of something that was begun."""
        line_after = self.after.partition("\n")[0]
        return bool(self.before.strip()) and _CLOSING.fullmatch(line_after) is not None

    @property
    def query(self) -> str:
        """What to look for in the memory of the project."""
        lines = [line for line in self.before.split("\n") if line.strip()]
        return "\n".join(lines[-MAX_QUERY_LINES:])[-MAX_QUERY:]

    def item(self, text: str) -> types.InlineCompletionItem:
        whole = f"{self.selected}{text}".replace("\n", self.line_end)
        return types.InlineCompletionItem(whole, range=self.range)


def gap_at(document: Document, params: types.InlineCompletionParams, above: Sequence[str] = ()) -> Gap | None:
    """None where nothing can be inserted: a line is too long, or what is selected goes over several.

    *above*: lines that the document follows, as a notebook's cell those of the cells before.
    """
    lines, encoding = document.lines, document.encoding
    selected = params.context.selected_completion_info
    range_ = selected.range if selected else types.Range(params.position, params.position)
    start, end = (to_point(lines, position, encoding) for position in (range_.start, range_.end))
    text = selected.text if selected else ""
    if start.line != end.line or start > end or "\n" in text or "\r" in text:
        return None
    before, after = _before(lines, start, above) + text, _after(lines, end)
    if len(before) > MAX_BEFORE_CURSOR or len(after) > MAX_AFTER_CURSOR:
        return None
    line_end = "\r\n" if any(line.endswith("\r\n") for line in lines[max(0, start.line - 2) : start.line]) else "\n"
    return Gap(document.uri, before, after, range_, text, line_end)


def _before(lines: list[str], point: Point, above: Sequence[str]) -> str:
    """With as many whole lines above as there is room for."""
    own = lines[point.line - 1][: point.column - 1]
    room, kept = MAX_BEFORE_CURSOR - len(own), [own]
    for line in chain(reversed(lines[: point.line - 1]), reversed(above)):
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
    return _LINE_END.sub("\n", "".join(reversed(kept)).removeprefix("\ufeff"))


def _after(lines: list[str], point: Point) -> str:
    own = lines[point.line - 1][point.column - 1 :]
    last, room = point.line, MAX_AFTER_CURSOR - len(own)
    while last < len(lines) and len(lines[last]) <= room:
        room -= len(lines[last])
        last += 1
    return _LINE_END.sub("\n", "".join((own, *lines[point.line : last])))


class _Suggested(NamedTuple):
    uri: str
    tail: str
    after: str
    text: str


class Suggestions:
    """The last ones of one client."""

    def __init__(self) -> None:
        self._kept: deque[_Suggested] = deque(maxlen=KEPT)

    def keep(self, gap: Gap, text: str) -> None:
        """*text* "": nothing was suggested there."""
        self._kept.appendleft(_Suggested(gap.uri, gap.before[-TAIL:], gap.after, text))

    def find(self, gap: Gap) -> str | None:
        """What is left to suggest there; None where nobody knows."""
        for one in self._kept:
            if (one.uri, one.after) == (gap.uri, gap.after) and (rest := _rest(one, gap.before)) is not None:
                return rest
        return None


def _rest(one: _Suggested, before: str) -> str | None:
    """What was not typed yet; None for another place, or where all of it or something else was typed."""
    if len(one.tail) < TAIL:  # it is all that stood before: the same may stand there again
        at = 0 if before.startswith(one.tail) else -1
    else:
        at = before.rfind(one.tail, max(0, len(before) - len(one.tail) - len(one.text)))
    if at < 0:
        return None
    typed = before[at + len(one.tail) :]
    is_on_the_way = one.text.startswith(typed) and (len(typed) < len(one.text) or not one.text)
    return one.text[len(typed) :] if is_on_the_way else None
