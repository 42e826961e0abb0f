"""`symbols`: the outline of a file; `references`: where a name is defined, called and used."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from server.agents.tools.files import Files
from server.agents.tools.globs import paths_like
from server.agents.tools.paging import Page, page_of
from server.agents.tools.read import Path, shorten
from server.agents.tools.tool import ToolRefused, TypedTool, in_thread
from server.analysis.symbols import Symbol, Symbols

SYMBOLS_A_PAGE = 250
PLACES_A_PAGE = 120
MOST_CALLEES = 60
MOST_PLACES = 300
"""In one file."""
_HEADING = re.compile(r"#{1,6} ")
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|include|require_relative)\b|.*\brequire\(")


class Kind(StrEnum):
    DEFINITION = "definition"
    CALL = "call"
    IMPORT = "import"
    USE = "use"
    TEXT = "text"


class Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
        Kind | None,
        msgspec.Meta(
            description="Only definitions (with what they call), calls, imports, other uses, mentions in text."
        ),
    ] = None
    paths: Annotated[str, msgspec.Meta(description="Only in files like this glob.")] = ""
    page: Page = 1


def symbols_tool(files: Files) -> TypedTool[Outline]:
    return TypedTool(
        "symbols",
        "The outline of a file: its classes and functions with their lines.",
        Outline,
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


def _symbols(files: Files, asked: Outline) -> str:
    path = files.find(asked.path).path
    lines = files.lines(path)
    outline = [
        f"{'  ' * symbol.name.count('.')}{symbol.first_line}-{symbol.last_line}  {symbol.kind} {symbol.name}"
        for symbol in files.symbols(path).defined
    ]
    if not outline:
        outline = [f"{number}  {shorten(line)}" for number, line in enumerate(lines, 1) if _HEADING.match(line)]
    if not outline:
        raise ToolRefused(f"{path} has no outline ({len(lines)} lines): read or search it")
    return page_of(outline, asked.page, SYMBOLS_A_PAGE, f"symbols in {path}")


def _references(files: Files, asked: References) -> str:
    name = asked.name.replace("::", ".").replace("->", ".").rpartition(".")[2].removesuffix("()").lstrip("$@#")
    if not re.fullmatch(r"[\w$?!]+", name):
        raise ToolRefused(f"{asked.name} is no name: for other text there is search")
    wanted = paths_like(asked.paths)
    places = (place for path in files if wanted(path) for place in _places(files, path, name))
    found = [place.shown for place in places if asked.kind in (None, place.kind)]
    if not found:
        only = " of that kind" if asked.kind else ""
        raise ToolRefused(f"{name} is nowhere in the files of the snapshot{only}: it may be of a library, or elsewhere")
    return page_of(found, asked.page, PLACES_A_PAGE, f"places of {name}")


class _Place(NamedTuple):
    kind: Kind
    shown: str


def _places(files: Files, path: str, name: str) -> Iterator[_Place]:
    """Of one file. Where nothing could be parsed, the word counts."""
    if name not in files.text(path):
        return
    symbols, lines = files.symbols(path), files.lines(path)
    named = [symbol for symbol in symbols.defined if symbol.last_name == name][:MOST_PLACES]
    defined = {_line_of(symbol, symbols): symbol for symbol in named}
    used = symbols.uses.get(name, ()) if symbols.uses else _words(lines, name)
    for line in used[:MOST_PLACES]:
        text = lines[line - 1] if line <= len(lines) else ""
        kind = Kind.DEFINITION if line in defined else _kind(name, text) if symbols.uses else Kind.TEXT
        around = symbols.around(line)
        within = f" in {around.name}" if around is not None and kind is not Kind.DEFINITION else ""
        shown = f"{path}:{line} {kind}{within}: {shorten(text.strip())}"
        called = ", ".join(_called(defined[line], symbols, lines)) if line in defined else ""
        yield _Place(kind, f"{shown}\n    calls: {called}" if called else shown)


def _line_of(symbol: Symbol, symbols: Symbols) -> int:
    """Where its name stands: decorators come first."""
    lines = symbols.uses.get(symbol.last_name, ())
    return next((line for line in lines if symbol.holds(line)), symbol.first_line)


def _kind(name: str, line: str) -> Kind:
    if _IMPORT.match(line):
        return Kind.IMPORT
    return Kind.CALL if re.search(rf"(?<!\w){re.escape(name)}\s{{0,3}}\(", line) else Kind.USE


def _words(lines: Sequence[str], name: str) -> Sequence[int]:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return [number for number, line in enumerate(lines, 1) if word.search(line)]


def _called(symbol: Symbol, symbols: Symbols, lines: Sequence[str]) -> list[str]:
    """The names before a parenthesis within it, in their order."""
    at = _line_of(symbol, symbols)
    inside = "\n".join(lines[at - 1 : symbol.last_line])
    called = [found[1] for found in _CALLED.finditer(inside) if found[1] in symbols.uses]
    return [name for name in dict.fromkeys(called) if name != symbol.last_name][:MOST_CALLEES]


_CALLED = re.compile(r"(?<!\w)(\w{1,200})\s{0,3}\(")
