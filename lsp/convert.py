"""Between our words and the editor's: the one place that knows 0-based lines and UTF-16 columns.

Pure. Ours are `Point`s (1-based line, 1-based code-point column) in lines as LSP ends them: by LF, CR LF or a lone CR.
The reviewer counts only LF, so `reviewable` hands it a lone CR as LF; then both count the same lines.
"""

import io
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

from lsprotocol import types

from server.reviews.finding import Edit, Finding, Fix, Severity

SOURCE = "hive"
"""The `source` of every diagnostic of ours."""

Encoding = types.PositionEncodingKind | str

SEVERITIES = {
    Severity.CRITICAL: types.DiagnosticSeverity.Error,
    Severity.HIGH: types.DiagnosticSeverity.Error,
    Severity.MEDIUM: types.DiagnosticSeverity.Warning,
    Severity.LOW: types.DiagnosticSeverity.Information,
}

_LINE_END = re.compile(r"\r\n|\r|\n")
_LONE_CR = re.compile(r"\r(?!\n)")
_UNSURE = "hive.unsure"


class Point(NamedTuple):
    """1-based; the column counts code points and may be one past the line's last."""

    line: int
    column: int


class Abilities(NamedTuple):
    """What of a diagnostic or an edit the client can show; everything else is left out."""

    related_information: bool = False
    code_description: bool = False
    document_changes: bool = False
    change_annotations: bool = False

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> "Abilities":
        document = capabilities.text_document
        publish = document.publish_diagnostics if document else None
        edit = capabilities.workspace.workspace_edit if capabilities.workspace else None
        return cls(
            related_information=bool(publish and publish.related_information),
            code_description=bool(publish and publish.code_description_support),
            document_changes=bool(edit and edit.document_changes),
            change_annotations=bool(edit and edit.change_annotation_support),
        )


def split_lines(text: str) -> list[str]:
    """The lines with their endings; the last one has none and may be empty, so joining them gives *text* back."""
    if "\r" not in text:
        lines = io.StringIO(text, newline="\n").readlines()  # twice as fast as split, and it keeps the ends
        return lines if lines and not lines[-1].endswith("\n") else [*lines, ""]
    ends = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


def reviewable(text: str) -> str:
    """The text with the line count that LSP sees. Columns and fingerprints (white space is folded) stay as they are."""
    return _LONE_CR.sub("\n", text) if "\r" in text else text


def content(line: str) -> str:
    """A line without its ending."""
    return line.rstrip("\r\n")


def end_of(lines: Sequence[str]) -> Point:
    return Point(len(lines), len(lines[-1]) + 1)


def to_point(lines: Sequence[str], position: types.Position, encoding: Encoding) -> Point:
    """What lies past a line's end means its end, and past the text the text's end (LSP 3.18, Position)."""
    if position.line >= len(lines):
        return end_of(lines)
    return Point(position.line + 1, _to_column(content(lines[position.line]), position.character, encoding))


def to_position(lines: Sequence[str], point: Point, encoding: Encoding) -> types.Position:
    if point.line > len(lines):
        point = end_of(lines)
    before = content(lines[point.line - 1])[: point.column - 1]
    return types.Position(point.line - 1, _units(before, encoding))


def to_range(lines: Sequence[str], start: Point, end: Point, encoding: Encoding) -> types.Range:
    return types.Range(to_position(lines, start, encoding), to_position(lines, end, encoding))


def range_of(lines: Sequence[str], finding: Finding, encoding: Encoding) -> types.Range:
    start = Point(finding.start_line, finding.start_column)
    return to_range(lines, start, Point(finding.end_line, finding.end_column), encoding)


def to_diagnostic(
    finding: Finding, lines: Sequence[str], encoding: Encoding, abilities: Abilities, root_uri: str | None
) -> types.Diagnostic:
    """*root_uri* is the project's root, against which related paths are understood; None when it has none."""
    description = None
    if abilities.code_description and finding.cwe is not None:
        description = types.CodeDescription(f"https://cwe.mitre.org/data/definitions/{finding.cwe}.html")
    related = None
    if abilities.related_information and root_uri is not None:
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(f"{root_uri}/{quote(place.path)}", _whole_lines(place.start_line, place.end_line)),
                place.message,
            )
            for place in finding.related
        ]
    return types.Diagnostic(
        range=range_of(lines, finding, encoding),
        message=finding.message,
        severity=SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=description,
        source=SOURCE,
        related_information=related or None,
        data={"fingerprint": finding.fingerprint},
    )


def to_workspace_edit(
    fix: Fix, uri: str, version: int | None, lines: Sequence[str], encoding: Encoding, abilities: Abilities
) -> types.WorkspaceEdit:
    """For exactly this version: an editor that has moved on refuses it. An unsafe fix asks for confirmation first."""
    edits = [_to_text_edit(edit, lines, encoding) for edit in fix.edits]
    if not abilities.document_changes:
        return types.WorkspaceEdit(changes={uri: edits})
    document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
    if fix.safe or not abilities.change_annotations:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])
    annotation = types.ChangeAnnotation(
        fix.title, needs_confirmation=True, description="This may change what the code does."
    )
    asking = [types.AnnotatedTextEdit(_UNSURE, edit.range, edit.new_text) for edit in edits]
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(document, asking)], change_annotations={_UNSURE: annotation}
    )


def at_place(uri: str | None, root_uri: str, path: str, line: int, column: int) -> types.Location:
    """A place to go to, in a file whose text is not at hand; *uri* None: of *path* below the root. Good to the line."""
    there = types.Position(line - 1, column - 1)
    return types.Location(uri or f"{root_uri}/{quote(path)}", types.Range(there, there))


def without_links(message: str) -> str:
    """A message that is shown as it stands: editors make links, of commands too, of `[text](target)`."""
    return message.replace("](", "]\u200b(")


def _to_text_edit(edit: Edit, lines: Sequence[str], encoding: Encoding) -> types.TextEdit:
    start, end = Point(edit.start_line, edit.start_column), Point(edit.end_line, edit.end_column)
    return types.TextEdit(to_range(lines, start, end, encoding), edit.text)


def _whole_lines(first: int, last: int) -> types.Range:
    """Of a file whose text is not at hand: from the first line's start to the start of the line after the last."""
    return types.Range(types.Position(first - 1, 0), types.Position(last, 0))


def _to_column(line: str, units: int, encoding: Encoding) -> int:
    """Half a character counts as not reached."""
    if line.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return min(units, len(line)) + 1
    if encoding == types.PositionEncodingKind.Utf8:
        return len(line.encode()[:units].decode("utf-8", "ignore")) + 1
    return len(line.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")) + 1


def _units(text: str, encoding: Encoding) -> int:
    if text.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return len(text)
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2
