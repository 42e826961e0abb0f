"""The cells of one notebook as the one Python program that they are: which lines of it are whose. Pure.

What a cell says to IPython (`%magic`, `!shell`) counts as a comment, in as many columns.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from lsprotocol import types

from lsp.convert import split_lines
from lsp.documents import Document
from server.reviews.finding import Edit, Finding, Fix

PAST_THE_END = 1 << 30
"""A column; LSP takes it for the line's end."""

_TO_IPYTHON = re.compile(r"^\s*[%!?]")
_OTHER_LANGUAGE = re.compile(r"^\s*%%")


class Span(NamedTuple):
    """Where a cell's lines stand in the program: from *first*, 0-based, so many."""

    cell: Document
    first: int
    lines: int


class Cells:
    """In order, those that are Python and whose text is known."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._order: list[str] = []
        self._documents: dict[str, Document] = {}
        self._python: dict[str, list[str]] = {}
        """Of those whose text has not changed since."""
        self._spans: list[Span] | None = None

    @property
    def size(self) -> int:
        """In code points."""
        return sum(document.size for document in self._documents.values())

    def open(self, items: Sequence[types.TextDocumentItem]) -> None:
        self._spans = None
        for item in items:
            document = Document(item.uri, item.language_id, item.version, item.text, self._encoding)
            self._documents[item.uri] = document
            self._python.pop(item.uri, None)

    def close(self, uris: Sequence[str]) -> None:
        self._spans = None
        for uri in uris:
            self._documents.pop(uri, None)
            self._python.pop(uri, None)

    def arrange(self, start: int, delete: int, uris: Sequence[str]) -> None:
        self._spans = None
        self._order[start : start + delete] = uris

    def change(self, part: types.NotebookDocumentCellContentChanges) -> None:
        document = self._documents.get(part.document.uri)
        if document is not None:
            document.change(part.document.version, part.changes)
            self._python.pop(part.document.uri, None)
            self._spans = None

    def uris(self) -> list[str]:
        return [uri for uri in self._order if uri in self._documents]

    def program(self) -> str:
        return "".join(line for span in self.spans() for line in self._python[span.cell.uri])

    def spans(self) -> Sequence[Span]:
        if self._spans is None:
            self._spans = []
            first = 0
            for uri in self.uris():
                cell = self._documents[uri]
                if cell.language == "python":
                    self._python[uri] = lines = self._python.get(uri) or as_python(cell.text())
                    self._spans.append(Span(cell, first, len(lines)))
                    first += len(lines)
        return self._spans

    def span_of(self, uri: str) -> Span | None:
        return next((span for span in self.spans() if span.cell.uri == uri), None)

    def above(self, span: Span) -> list[str]:
        """The lines of the program before that cell's."""
        return [line for one in self.spans() if one.first < span.first for line in self._python[one.cell.uri]]

    def placed(self, findings: Iterable[Finding]) -> list[tuple[Document, list[Finding]]]:
        """What was found in the program, each cell's where it is there. A fix stays one of the program."""
        spans = self.spans()
        of_cells: list[tuple[Document, list[Finding]]] = [(span.cell, []) for span in spans]
        for finding in findings:
            number = self._at(finding.start_line)
            if number is not None:
                of_cells[number][1].append(within(spans[number], finding))
        return of_cells

    def placed_in(self, span: Span, findings: Iterable[Finding]) -> list[Finding]:
        """As `placed`, of one cell."""
        first, last = span.first + 1, span.first + span.lines
        return [within(span, finding) for finding in findings if first <= finding.start_line <= last]

    def parts_of(self, fix: Fix) -> list[tuple[Document, Fix]] | None:
        """A fix of the program as one of each cell that it edits; None where an edit reaches over a cell's end."""
        parts: dict[int, list[Edit]] = {}
        for edit in fix.edits:
            number = self._at(edit.start_line)
            part = _edit_within(self.spans()[number], edit) if number is not None else None
            if number is None or part is None:
                return None
            parts.setdefault(number, []).append(part)
        spans = self.spans()
        return [(spans[number].cell, msgspec.structs.replace(fix, edits=tuple(part))) for number, part in parts.items()]

    def _at(self, line: int) -> int | None:
        """The number of the cell that has this line of the program."""
        spans = self.spans()
        number = bisect_right(spans, line - 1, key=lambda span: span.first) - 1
        return number if number >= 0 and line <= spans[number].first + spans[number].lines else None


def within(span: Span, finding: Finding) -> Finding:
    last = min(finding.end_line - span.first, span.lines)
    end_column = finding.end_column if last == finding.end_line - span.first else PAST_THE_END
    return msgspec.structs.replace(
        finding, start_line=finding.start_line - span.first, end_line=last, end_column=end_column
    )


def _edit_within(span: Span, edit: Edit) -> Edit | None:
    """The program ends a cell's last line, the cell need not: an edit up to there leaves that as it is."""
    start, end = edit.start_line - span.first, edit.end_line - span.first
    if end <= span.lines:
        return msgspec.structs.replace(edit, start_line=start, end_line=end)
    if end > span.lines + 1 or edit.end_column > 1:
        return None
    text = edit.text.removesuffix("\n")
    return Edit(start, edit.start_column, span.lines, PAST_THE_END, text)


def is_python(cell: Document) -> bool:
    """As a whole: no `%%bash`."""
    return _OTHER_LANGUAGE.match(cell.lines[0]) is None


def as_python(text: str) -> list[str]:
    """A cell's lines, each ended."""
    lines = split_lines(text)
    is_other = _OTHER_LANGUAGE.match(lines[0]) is not None
    python = [f"#{line[1:]}" if (is_other or _TO_IPYTHON.match(line)) and line.strip() else line for line in lines]
    return [*python[:-1], f"{python[-1]}\n"]
