"""`symbols`: the outline of a file; `references`: where a name is defined, called and used."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from server.agents.tools.files import Files
from server.agents.tools.globs import paths_like
from server.agents.tools.paging import Page, page_of
from server.agents.tools.parsing import Kind, Occurrence
from server.agents.tools.read import Path, shorten
from server.agents.tools.tool import ToolRefused, TypedTool, in_thread

SYMBOLS_A_PAGE = 250
PLACES_A_PAGE = 120
MOST_CALLEES = 60
_HEADING = re.compile(r"#{1,6} ")


class Symbols(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: Path
    page: Page = 1


class References(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=200, description="A plain name, as `total`; of a dotted one, its last part counts."
        ),
    ]
    kind: Annotated[
        Kind | None, msgspec.Meta(description="Only definitions (with what they call), calls, imports or other uses.")
    ] = None
    paths: Annotated[str, msgspec.Meta(description="Only in files like this glob.")] = ""
    page: Page = 1


def symbols_tool(files: Files) -> TypedTool[Symbols]:
    return TypedTool(
        "symbols",
        "The outline of a file: functions, classes and top-level variables with their lines.",
        Symbols,
        in_thread(lambda asked: _symbols(files, asked)),
    )


def references_tool(files: Files) -> TypedTool[References]:
    return TypedTool(
        "references",
        "Where a name is defined, called, imported or used in the snapshot, and what its definitions call. By name: "
        "two functions of one name are not told apart.",
        References,
        in_thread(lambda asked: _references(files, asked)),
    )


def _symbols(files: Files, asked: Symbols) -> str:
    path = files.find(asked.path).path
    parsed, lines = files.parsed(path), files.lines(path)
    outline = [
        f"{'  ' * symbol.depth}{symbol.start_line}-{symbol.end_line}  {shorten(lines[symbol.start_line - 1].strip())}"
        for symbol in parsed.symbols
    ]
    if not outline:
        outline = [f"{number}  {shorten(line)}" for number, line in enumerate(lines, 1) if _HEADING.match(line)]
    if not outline:
        raise ToolRefused(f"{path} has no outline ({parsed.source.language}, {len(lines)} lines): read or search it")
    return page_of(outline, asked.page, SYMBOLS_A_PAGE, f"symbols in {path}")


def _references(files: Files, asked: References) -> str:
    name = asked.name.replace("::", ".").replace("->", ".").rpartition(".")[2].removesuffix("()").lstrip("$@#")
    if not re.fullmatch(r"[\w$?!]+", name):
        raise ToolRefused(f"{asked.name} is no name: for other text there is search")
    wanted = paths_like(asked.paths)
    found = [place for path in files if wanted(path) for place in _places(files, path, name, asked.kind)]
    if not found:
        only = " of that kind" if asked.kind else ""
        raise ToolRefused(f"{name} is nowhere in the files of the snapshot{only}: it may be of a library, or elsewhere")
    return page_of(found, asked.page, PLACES_A_PAGE, f"places of {name}")


def _places(files: Files, path: str, name: str, kind: Kind | None) -> Iterator[str]:
    """Of one file, as lines to show."""
    if name not in files.text(path):
        return
    parsed = files.parsed(path)
    lines = files.lines(path)
    if parsed.module is None:
        yield from (f"{path}:{at} text: {shorten(lines[at - 1].strip())}" for at in _words(lines, name) if kind is None)
        return
    for one in parsed.occurrences:
        if one.name == name and kind in (None, one.kind) and 1 <= one.line <= len(lines):
            called = ", ".join(_callees(parsed.occurrences, one)) if one.kind is Kind.DEFINITION else ""
            place = f"{path}:{one.line} {one.kind} in {one.within}: {shorten(lines[one.line - 1].strip())}"
            yield f"{place}\n    calls: {called}" if called else place


def _words(lines: Iterable[str], name: str) -> Iterator[int]:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return (number for number, line in enumerate(lines, 1) if word.search(line))


def _callees(occurrences: Iterable[Occurrence], of: Occurrence) -> list[str]:
    inside = f"{of.within}.{of.name}"
    called = (
        one.name
        for one in occurrences
        if one.kind is Kind.CALL
        and of.line <= one.line <= of.end_line
        and (one.within == inside or one.within.startswith(f"{inside}."))
    )
    return list(dict.fromkeys(called))[:MOST_CALLEES]
