"""`search`: lines by a regular expression, in linear time whatever the expression: RE2 has no backtracking."""

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

import msgspec
import re2

from server.agents.tools.files import Files
from server.agents.tools.globs import paths_like
from server.agents.tools.paging import Page
from server.agents.tools.read import shorten
from server.agents.tools.tool import ToolRefused, TypedTool, in_thread

MATCHES_A_PAGE = 60
MOST_MATCHES = 3_000
"""Counted; who finds more has asked too much."""
MOST_CONTEXT = 5
LONGEST_PATTERN = 500
MATCHER_BYTES = 16 * 1024 * 1024


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pattern: Annotated[
        str,
        msgspec.Meta(
            min_length=1,
            max_length=LONGEST_PATTERN,
            description="A regular expression in RE2's syntax: no look-around, no back-references. `^` and `$` are a "
            "line's ends.",
        ),
    ]
    literal: Annotated[bool, msgspec.Meta(description="Take the pattern as plain text.")] = False
    ignore_case: bool = False
    paths: Annotated[str, msgspec.Meta(description="Only files like this glob, as `src/**/*.py` or `*.go`.")] = ""
    context_lines: Annotated[int, msgspec.Meta(ge=0, le=MOST_CONTEXT, description="Lines to show around each.")] = 0
    page: Page = 1


class _Match(NamedTuple):
    path: str
    line: int


def search_tool(files: Files) -> TypedTool[Search]:
    return TypedTool(
        "search",
        "Search the lines of the snapshot's files at the head, the changed files first. Secrets are not to be found.",
        Search,
        in_thread(lambda asked: _search(files, asked)),
    )


def _search(files: Files, asked: Search) -> str:
    pattern = _compiled(asked)
    wanted = paths_like(asked.paths)
    paths = [path for path in files if wanted(path)]
    if not paths:
        raise ToolRefused(f"no file is like {asked.paths}: `**` crosses folders, and an empty glob means all files")
    found: list[_Match] = []
    for path in paths:
        for line in _matching_lines(pattern, "\n".join(files.lines(path))):
            found.append(_Match(path, line))
            if len(found) == MOST_MATCHES:
                break
        if len(found) == MOST_MATCHES:
            break
    return _page(files, asked, found, len(paths))


def _compiled(asked: Search) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MATCHER_BYTES
    options.case_sensitive = not asked.ignore_case
    try:
        return re2.compile(f"(?m:{re2.escape(asked.pattern) if asked.literal else asked.pattern})", options)
    except (re2.error, UnicodeEncodeError) as error:
        why = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else error
        raise ToolRefused(f"this is no pattern that RE2 knows ({why}): write another, or set literal=true") from error


def _matching_lines(pattern: Any, text: str) -> Iterator[int]:
    """Each line once, however often the pattern is in it."""
    data = text.encode("utf-8", "replace")
    at, line, counted = 0, 1, 0
    while at <= len(data):
        match = pattern.search(data, at)
        if match is None:
            return
        line += data.count(b"\n", counted, match.start())
        counted = match.start()
        yield line
        end = data.find(b"\n", match.start())
        if end < 0:
            return
        at = end + 1


def _page(files: Files, asked: Search, found: list[_Match], searched: int) -> str:
    pages = max(1, -(-len(found) // MATCHES_A_PAGE))
    if asked.page > pages:
        raise ToolRefused(f"there are only {pages} pages")
    shown = found[(asked.page - 1) * MATCHES_A_PAGE : asked.page * MATCHES_A_PAGE]
    at_least = "at least " if len(found) == MOST_MATCHES else ""
    head = f"{at_least}{len(found)} lines in {len({m.path for m in found})} of {searched} files"
    if pages > 1:
        head += f", page {asked.page} of {pages}"
    lines = [head]
    for path in dict.fromkeys(match.path for match in shown):
        lines += ["", path, *_with_context(files, path, [m.line for m in shown if m.path == path], asked.context_lines)]
    return "\n".join((*lines, *([f"[more: page={asked.page + 1}]"] if asked.page < pages else ())))


def _with_context(files: Files, path: str, matched: list[int], around: int) -> Iterator[str]:
    lines = files.lines(path)
    wanted = sorted({n for line in matched for n in range(line - around, line + around + 1) if 1 <= n <= len(lines)})
    hits = set(matched)
    before = 0
    for number in wanted:
        if around and before and number > before + 1:
            yield "      --"
        yield f"{number:>6}{':' if number in hits else ' '} {shorten(lines[number - 1])}"
        before = number
