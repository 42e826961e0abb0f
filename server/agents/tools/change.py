"""`diff`: what the change does to each file; `history`: what its commits say."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Annotated

import msgspec

from server.agents.hostile import clean
from server.agents.tools.files import Files, Side
from server.agents.tools.paging import Page, page_of
from server.agents.tools.read import shorten
from server.agents.tools.tool import ToolRefused, TypedTool, in_thread
from server.reviews.snapshot import SourceFile

LINES_A_PAGE = 400
MOST_COMPARED_LINES = 8_000
"""Of both sides together; longer ones take too long to compare."""
COMMITS_A_PAGE = 30
LONGEST_MESSAGE = 3_000


class Diff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: Annotated[str, msgspec.Meta(description="One changed file; empty: a list of all that changed.")] = ""
    context_lines: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3
    page: Page = 1


class History(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    page: Page = 1


def diff_tool(files: Files) -> TypedTool[Diff]:
    return TypedTool(
        "diff",
        "What the change does, against its base: a list of its files, or one file's unified diff.",
        Diff,
        in_thread(lambda asked: _diff(files, asked)),
    )


def history_tool(files: Files) -> TypedTool[History]:
    return TypedTool(
        "history",
        "The messages of the change's commits, the oldest first. Earlier commits are not part of the snapshot.",
        History,
        in_thread(lambda asked: _history(files, asked)),
    )


def _diff(files: Files, asked: Diff) -> str:
    if not asked.path:
        listed = [_summary(files, file) for file in files.changed.values()]
        listed += [f"{path}  {reason}" for path, reason in files.skipped.items()]
        return page_of(listed, asked.page, LINES_A_PAGE, "changed files")
    file = files.find(asked.path)
    if file.path not in files.changed:
        raise ToolRefused(f"{file.path} is not part of the change: read it")
    if file.changed is None and file.base is None:
        raise ToolRefused(f"{file.path} is looked at as a whole, there is no change to compare: read it")
    lines = list(_compared(files, file, asked.context_lines))
    return page_of(lines, asked.page, LINES_A_PAGE, f"lines of the diff of {file.path}")


def _summary(files: Files, file: SourceFile) -> str:
    if file.changed is None:
        return f"{file.path}  {files.count(file.path)} lines, as a whole"
    touched = sum(lines.end - lines.start + 1 for lines in file.changed)
    return f"{file.path}  {touched} lines new or changed" + ("" if file.base is not None else ", no base known")


def _compared(files: Files, file: SourceFile, around: int) -> Iterator[str]:
    head = files.lines(file.path)
    if file.base is None:
        yield "[the file is new, or its base is not known: only its new lines]"
        yield from _new_lines(head, file)
        return
    base = files.lines(file.path, Side.BASE)
    if len(head) + len(base) > MOST_COMPARED_LINES:
        yield "[too long to be compared: only its new lines; read side=base for the old ones]"
        yield from _new_lines(head, file)
        return
    shown = unified_diff(base, head, f"a/{file.path}", f"b/{file.path}", n=around, lineterm="")
    yield from map(shorten, shown)


def _new_lines(head: list[str], file: SourceFile) -> Iterator[str]:
    for lines in file.changed or ():
        yield f"@@ +{lines.start},{lines.end - lines.start + 1} @@"
        yield from (f"+{shorten(line)}" for line in head[lines.start - 1 : lines.end])


def _history(files: Files, asked: History) -> str:
    commits = files.snapshot.commits
    if not commits:
        raise ToolRefused("no commits are known of this snapshot")
    messages = [f"--- commit {number}\n{_message(text)}" for number, text in enumerate(commits, 1)]
    return page_of(messages, asked.page, COMMITS_A_PAGE, "commits")


def _message(text: str) -> str:
    shown = clean(text[: LONGEST_MESSAGE * 2]).text.strip()
    return shown if len(shown) <= LONGEST_MESSAGE else f"{shown[:LONGEST_MESSAGE]}… [the rest is left out]"
