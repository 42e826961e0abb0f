"""`read`: lines of one file; `files`: what there is to read."""

from typing import Annotated

import msgspec

from server.agents.tools.files import Files, Side
from server.agents.tools.globs import paths_like
from server.agents.tools.paging import Page, page_of
from server.agents.tools.tool import ToolRefused, TypedTool, in_thread
from server.reviews.snapshot import SourceFile

MOST_LINES = 400
"""At once, and where nobody says how many."""
LONGEST_LINE = 400
MOST_CHARACTERS = 26_000
PATHS_A_PAGE = 200

Path = Annotated[str, msgspec.Meta(description="Relative to the repository, as other tools show it.")]


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: Path
    start_line: Annotated[int, msgspec.Meta(ge=1, description="The first line wanted, counted from 1.")] = 1
    end_line: Annotated[
        Annotated[int, msgspec.Meta(ge=1)] | None,
        msgspec.Meta(description=f"The last line wanted; {MOST_LINES} lines at most."),
    ] = None
    side: Annotated[
        Side, msgspec.Meta(description="`base` shows the file before the change, with the base's line numbers.")
    ] = Side.HEAD


class ListFiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    paths: Annotated[str, msgspec.Meta(description="A glob like `src/**/*.py`; empty: all.")] = ""
    page: Page = 1


def read_tool(files: Files) -> TypedTool[Read]:
    return TypedTool(
        "read",
        "Read lines of a file of the snapshot, numbered. At the head, `+` marks lines that the change touches.",
        Read,
        in_thread(lambda asked: _read(files, asked)),
    )


def list_tool(files: Files) -> TypedTool[ListFiles]:
    return TypedTool(
        "files",
        "List the files of the snapshot with their lines, changed ones first. It may hold only a part of the "
        "repository: the changed files and what is near them.",
        ListFiles,
        in_thread(lambda asked: _list(files, asked)),
    )


def _read(files: Files, asked: Read) -> str:
    file = files.find(asked.path)
    lines = files.lines(file.path, asked.side)
    if lines[-1] == "" and len(lines) > 1:
        lines = lines[:-1]
    first, last = asked.start_line, asked.end_line if asked.end_line is not None else asked.start_line + MOST_LINES - 1
    if last < first:
        raise ToolRefused(f"end_line {last} is before start_line {first}")
    if first > len(lines):
        raise ToolRefused(f"{file.path} has only {len(lines)} lines")
    last = min(last, len(lines), first + MOST_LINES - 1)
    marked = _changed_lines(file) if asked.side is Side.HEAD else set()
    shown: list[str] = []
    size = 0
    for number in range(first, last + 1):
        line = f"{number:>6}{'+' if number in marked else ' '} {shorten(lines[number - 1])}"
        size += len(line) + 1
        if size > MOST_CHARACTERS:
            break
        shown.append(line)
    last = first + len(shown) - 1
    head = f"{file.path}, lines {first}-{last} of {len(lines)}" + (" at the base" if asked.side is Side.BASE else "")
    rest = [f"[lines {last + 1}-{len(lines)} are left out: start_line={last + 1}]"] if last < len(lines) else []
    return "\n".join((head, *shown, *rest))


def shorten(line: str) -> str:
    line = line.rstrip("\r")
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…[{len(line) - LONGEST_LINE} more characters]"


def _changed_lines(file: SourceFile) -> set[int]:
    return {number for lines in file.changed or () for number in range(lines.start, lines.end + 1)}


def _list(files: Files, asked: ListFiles) -> str:
    wanted = paths_like(asked.paths)
    lines = [_described(files, path) for path in files if wanted(path)]
    lines += [f"{path}  not here: {reason}" for path, reason in files.skipped.items() if wanted(path)]
    if not lines:
        raise ToolRefused(f"no file is like {asked.paths}: `**` crosses folders, and an empty glob lists all")
    return page_of(lines, asked.page, PATHS_A_PAGE, "files")


def _described(files: Files, path: str) -> str:
    count = files.count(path)
    file = files.changed.get(path)
    if file is None:
        return f"{path}  {count} lines"
    return f"{path}  {count} lines, {'changed' if file.changed is not None else 'under review'}"
