"""A parsed Python file after an edit: only the statements of the module that it touches are parsed again.

Pure, and equal to a file that is parsed for the first time. What lies between two statements that stay is parsed by
itself: where that is no whole program (a bracket, a text, an `else` that belongs above), all of it is parsed anew.
"""

import ast
from bisect import bisect_right
from collections.abc import Sequence
from typing import cast

from server.analysis.python.file import Module, Piece, PythonFile, first_line, index, last_line
from server.analysis.source import Source, same_lines


def revised(before: PythonFile, source: Source) -> PythonFile | None:
    """None where it has to be parsed anew. *before* is not to be used any more: its statements may move."""
    if before.gap or _has_lone_returns(source.text) or _has_lone_returns(before.source.text):
        return None
    old, new, body = before.source.lines, source.lines, before.tree.body
    top, bottom = same_lines(old, new)
    first, last = _touched(body, top, len(old) - bottom)
    above = last_line(body[first - 1]) if first else 0
    below = len(new) - (len(old) - first_line(body[last]) + 1 if last < len(body) else 0)
    if _goes_on(new, above) or _goes_on(new, below):
        return None
    end = [""] if below < len(new) else []
    try:
        statements = ast.parse("\n" * above + "\n".join([*new[above:below], *end])).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    moved = len(new) - len(old)
    if moved:
        for statement in body[last:]:
            _move(before.pieces[statement], moved)
    kept = [*body[:first], *([] if moved else body[last:])]
    tree = Module([*body[:first], *statements, *body[last:]], [])
    pieces = {statement: before.pieces.get(statement) or index(statement) for statement in tree.body}
    lowered = {statement: before.lowered[statement] for statement in kept if statement in before.lowered}
    after = PythonFile.of(source, tree, pieces, lowered, before=before)
    if after.imports == before.imports:
        after.seen.update((statement, before.seen[statement]) for statement in kept if statement in before.seen)
    return after


def _touched(body: Sequence[ast.stmt], top: int, bottom: int) -> tuple[int, int]:
    """The places of the first statement that does not stay, and of the first below that does; *top*: the last line
    that stays above, *bottom*: the last that does not. Statements on one line stay or go together.
    """
    first = bisect_right(body, top, key=last_line)
    while 0 < first < len(body) and first_line(body[first]) <= last_line(body[first - 1]):
        first -= 1
    last = max(first, bisect_right(body, bottom, key=first_line))
    while 0 < last < len(body) and first_line(body[last]) <= last_line(body[last - 1]):
        last += 1
    return first, last


def _move(piece: Piece, lines: int) -> None:
    """As `ast.increment_lineno` does, which looks for the nodes first."""
    piece.kept.clear()
    for kind, nodes in piece.by_type.items():
        if "lineno" in kind._attributes:
            for node in cast(list[ast.stmt], nodes):
                node.lineno += lines
                if node.end_lineno is not None:
                    node.end_lineno += lines


def _goes_on(lines: Sequence[str], line: int) -> bool:
    """Whether the 1-based line may be continued by the next one."""
    return line > 0 and lines[line - 1].rstrip("\r").endswith("\\")


def _has_lone_returns(text: str) -> bool:
    """Python ends a line at each, and `Source` does not."""
    return "\r" in text and text.count("\r") != text.count("\r\n")
