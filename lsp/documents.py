"""One open document: its text as lines, its version, and every edit as an `Edit` of ours.

Pure. Lines, because an editor speaks in lines: an edit touches a few of them, whatever the size of the file.
Not pygls' documents, which split at form feeds and U+2028 too and rebuild the whole text at each edit.
"""

from collections.abc import Sequence

from lsprotocol import types

from lsp.convert import Encoding, Point, end_of, reviewable, split_lines, to_point
from server.reviews.finding import Edit
from server.reviews.snapshot import MAX_FILE_BYTES

TOO_LARGE = f"larger than {MAX_FILE_BYTES // 2**20} MiB"


MAX_KEPT_CHARACTERS = 2 * MAX_FILE_BYTES
"""What is somewhat too large is kept, so that a paste and its undo end well."""


class Document:
    """What the editor has; *version* is None for a file on disk that is not open.

    Far too large a text is not kept: `refusal` says so until it is opened or sent anew.
    """

    def __init__(self, uri: str, language: str, version: int | None, text: str, encoding: Encoding) -> None:
        self.uri = uri
        self.language = language
        self.version = version
        self.encoding = encoding
        self.lines: list[str] = [""]
        self.size = 0
        """In code points."""
        self._not_kept: str | None = None
        self._replace_all(text)

    def let_go(self, reason: str) -> None:
        """Keep nothing of the text and follow no edits until the whole text is sent anew."""
        self.lines, self.size, self._not_kept = [""], 0, reason

    def text(self) -> str:
        """As the reviewer reads it."""
        return reviewable("".join(self.lines))

    def refusal(self, text: str) -> str | None:
        """Why *text*, ours of now, is not reviewed, as a phrase for people; None when it is."""
        if self._not_kept is not None:
            return self._not_kept
        if len(text.encode()) > MAX_FILE_BYTES:
            return TOO_LARGE
        if "\0" in text:
            return "binary"
        return None

    def change(self, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> list[Edit]:
        """Apply a didChange; the edits in the order in which they hold."""
        edits: list[Edit] = []
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangeWholeDocument):
                edits.append(self._replace_all(change.text))
            elif self._not_kept is None:
                start = to_point(self.lines, change.range.start, self.encoding)
                end = to_point(self.lines, change.range.end, self.encoding)
                edits.append(self._replace(start, max(start, end), change.text))
        self.version = version
        if self.size > MAX_KEPT_CHARACTERS:
            self.let_go(TOO_LARGE)
        return edits

    def _replace(self, start: Point, end: Point, text: str) -> Edit:
        first, last = start.line - 1, end.line - 1
        head, tail = self.lines[first][: start.column - 1], self.lines[last][end.column - 1 :]
        edit = Edit(*start, *end, text)
        joined = head + text + tail
        above = first > 0 and self.lines[first - 1].endswith("\r") and joined.startswith("\n")
        if above or (text.endswith("\r") and tail.startswith("\n")):
            # A CR met an LF: two line ends became one, which an edit can only tell as whole lines.
            if above:
                first -= 1
                joined = self.lines[first] + joined
            edit = Edit(first + 1, 1, *_end_of_line(self.lines, last), joined)
        merged = split_lines(joined)
        if last + 1 < len(self.lines):
            merged.pop()  # the empty rest after the last line end; the next line follows
        self.size += len(joined) - sum(map(len, self.lines[first : last + 1]))
        self.lines[first : last + 1] = merged
        return edit

    def _replace_all(self, text: str) -> Edit:
        """Told as the one edit between what both texts begin and end with, so that findings elsewhere stay."""
        self._not_kept = TOO_LARGE if len(text) > MAX_KEPT_CHARACTERS else None
        before, after = self.lines, split_lines("" if self._not_kept else text)
        self.lines, self.size = after, 0 if self._not_kept else len(text)
        return difference(before, after)


def difference(before: Sequence[str], after: Sequence[str]) -> Edit:
    """The one edit between what both begin and end with."""
    top, bottom = same_ends(before, after)
    end = Point(len(before) - bottom + 1, 1) if bottom else end_of(before)
    return Edit(top + 1, 1, *end, "".join(after[top : len(after) - bottom]))


def same_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """With how many lines both begin, and with how many both end."""
    same = min(len(before), len(after)) - 1
    top = next((i for i in range(same) if before[i] != after[i]), same)
    bottom = next((i for i in range(same - top) if before[-1 - i] != after[-1 - i]), same - top)
    return top, bottom


def _end_of_line(lines: Sequence[str], index: int) -> Point:
    """Its line end included."""
    return Point(index + 2, 1) if index + 1 < len(lines) else end_of(lines)
