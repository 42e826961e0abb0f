"""Fetch what a pull request changes, pinned at its two commits.

Reads from GitHub and checks what comes by its SHA; runs and interprets nothing of it.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from server.effects.api import GitHubRefused
from server.effects.github import MAX_COMPARED_FILES, MAX_LISTED_FILES, ChangedFile, GitHub, PullRequestFacts, TreeEntry
from server.jobs.job import GiveUp
from server.reviews.context import MAX_CONTEXT_BYTES, nearest
from server.reviews.diff import PatchInvalid, ShownLines, read_patch, text_before
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import MAX_BASE_BYTES, MAX_FILE_BYTES, LineRange, SkippedFile, Snapshot, SourceFile
from server.reviews.words import GUIDELINES, MAX_COMMITS, MAX_GUIDELINES_BYTES, MAX_WORDS

MAX_SNAPSHOT_BYTES = 24 * 1024 * 1024
"""Of text; what does not fit is skipped, and the coverage says so."""

MAX_CONTEXT_FILES = 100
"""GitHub gives an installation 5,000 requests an hour."""

BLOBS_AT_ONCE = 8

Progress = Callable[[int, int, str], None]

SYMBOLIC_LINK = "120000"
SUBMODULE = "160000"


async def fetch_snapshot(
    github: GitHub, ref: PullRequestRef, progress: Progress, *, for_model: bool = False
) -> Snapshot:
    """Every changed file at the head, or why it is not read. Raises GiveUp when the pull request cannot be pinned.

    The head is the newest that is known: *ref*'s, unless that was left behind. *for_model*: with the guidelines of the
    base, and what the change's author says of it.
    """
    facts, ref = await _at_newest_head(github, ref)
    merge_base_sha, files, unlisted, messages = await _changed_files(github, ref)
    tree = await github.tree(ref.head_sha)
    wanted, skipped = _sort_out(files, tree)
    contents = await fetch_contents(github, wanted, progress)
    kept: list[SourceFile] = []
    for file in wanted:
        kept_or_skipped = _read_file(file, contents[file.filename])
        if isinstance(kept_or_skipped, SourceFile):
            kept.append(kept_or_skipped)
        else:
            skipped.append(kept_or_skipped)
    context = await _fetch_context(github, tree, {file.filename for file in files}, progress)
    snapshot = Snapshot(
        ref.project,
        tuple(_with_room_for_bases(kept)),
        (*skipped, *unlisted),
        merge_base_sha,
        ref.head_sha,
        context,
    )
    if not for_model:
        return snapshot
    return msgspec.structs.replace(
        snapshot,
        title=facts.title[:MAX_WORDS],
        body=facts.body[:MAX_WORDS],
        commits=tuple(message[:MAX_WORDS] for message in messages),
        guidelines=await _fetch_guidelines(github, merge_base_sha),
    )


async def _fetch_guidelines(github: GitHub, base_sha: str) -> str:
    """What the base says about how to work on the project: never what the change wants it to say."""
    tree = await github.tree(base_sha)
    texts = []
    for path in GUIDELINES:
        entry = tree.get(path)
        if entry and entry.mode.startswith("100") and (entry.size or 0) <= MAX_GUIDELINES_BYTES:
            texts.append((await github.blob(entry.sha)).decode("utf-8", "replace"))
    return "\n\n".join(texts)


async def _fetch_context(
    github: GitHub, tree: Mapping[str, TreeEntry], changed: set[str], progress: Progress
) -> tuple[SourceFile, ...]:
    """The code around the change, the nearest: each file is a request, unless an earlier pull request needed it too."""
    room = MAX_CONTEXT_BYTES
    wanted: list[ChangedFile] = []
    code = [path for path, entry in tree.items() if entry.mode.startswith("100")]
    for path in nearest(code, changed, MAX_CONTEXT_FILES):
        size = tree[path].size or 0
        if size <= min(room, MAX_FILE_BYTES):
            room -= size
            wanted.append(ChangedFile(path, "unchanged", tree[path].sha))
    contents = await fetch_contents(github, wanted, progress)
    read = (_read_file(file, contents[file.filename]) for file in wanted)
    return tuple(msgspec.structs.replace(file, changed=None) for file in read if isinstance(file, SourceFile))


async def _at_newest_head(github: GitHub, ref: PullRequestRef) -> tuple[PullRequestFacts, PullRequestRef]:
    """Events may come late and out of order, and the newest job of a pull request is the only one that lives on."""
    facts = await github.pull_request(ref.number)
    if not ref.rerun and (facts.head_sha == ref.head_sha or await _is_behind(github, ref.head_sha, facts.head_sha)):
        return facts, ref
    return facts, msgspec.structs.replace(ref, base_sha=facts.base_sha, head_sha=facts.head_sha)


async def _is_behind(github: GitHub, known_sha: str, told_sha: str) -> bool:
    """Whether what GitHub tells is older than what we know: its answers may lag behind its events."""
    try:
        return (await github.compare(known_sha, told_sha)).status == "behind"
    except GitHubRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:  # a force-push left no trace of it
            return False
        raise


class _Changed(NamedTuple):
    """*unlisted*: what GitHub does not list. *messages*: of the commits."""

    merge_base_sha: str
    files: list[ChangedFile]
    unlisted: tuple[SkippedFile, ...]
    messages: tuple[str, ...]


async def _changed_files(github: GitHub, ref: PullRequestRef) -> _Changed:
    comparison = await github.compare(ref.base_sha, ref.head_sha, commits=MAX_COMMITS)
    changed = _Changed(comparison.merge_base_sha, comparison.files, (), comparison.messages)
    if len(comparison.files) < MAX_COMPARED_FILES:
        return changed
    files = await github.files(ref.number)
    facts = await github.pull_request(ref.number)
    if facts.head_sha != ref.head_sha:
        raise GiveUp(f"a newer push ({facts.head_sha[:12]}) came while the files of {ref.head_sha[:12]} were listed")
    missing = facts.changed_files - len(files)
    if missing <= 0:
        return changed._replace(files=files)
    unlisted = SkippedFile("…", f"{missing} more: GitHub lists only the first {MAX_LISTED_FILES:,} files")
    return changed._replace(files=files, unlisted=(unlisted,))


def _sort_out(files: list[ChangedFile], tree: Mapping[str, TreeEntry]) -> tuple[list[ChangedFile], list[SkippedFile]]:
    """What to fetch, and what not."""
    wanted: list[ChangedFile] = []
    skipped: list[SkippedFile] = []
    room = MAX_SNAPSHOT_BYTES
    for file in files:
        entry = tree.get(file.filename)
        size = (entry.size or 0) if entry else 0
        reason = _reason_to_skip(file, entry) or ("over the size of a review" if size > room else "")
        if reason:
            skipped.append(SkippedFile(file.filename, reason))
        else:
            room -= size
            wanted.append(file)
    return wanted, skipped


def _reason_to_skip(file: ChangedFile, entry: TreeEntry | None) -> str:
    """A phrase for people, "" when the file is to be read."""
    if file.status == "removed":
        return "deleted"
    if entry and entry.mode == SUBMODULE:
        return "a submodule"
    if entry and entry.mode == SYMBOLIC_LINK:
        return "a symbolic link"
    if entry and (entry.size or 0) > MAX_FILE_BYTES:
        return "larger than 2 MiB"
    if file.patch is None and file.changes and file.status != "added":
        return "its diff is too large for GitHub to show"
    if file.sha is None:
        return "GitHub does not say what it holds"
    return ""


async def fetch_contents(github: GitHub, files: list[ChangedFile], progress: Progress) -> dict[str, bytes | None]:
    """Content by path; None for what is not there as a file."""
    contents: dict[str, bytes | None] = {}
    turns = asyncio.Semaphore(BLOBS_AT_ONCE)

    async def fetch(file: ChangedFile) -> None:
        async with turns:
            contents[file.filename] = await _fetch(github, file)
            progress(len(contents), len(files), "fetching files")

    tasks = [asyncio.create_task(fetch(file)) for file in files]
    try:
        # Not a TaskGroup: the worker tells Snooze and GiveUp apart by their type, which a group would hide.
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return contents


async def _fetch(github: GitHub, file: ChangedFile) -> bytes | None:
    assert file.sha is not None
    try:
        return await github.blob(file.sha)
    except GitHubRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def _read_file(file: ChangedFile, content: bytes | None) -> SourceFile | SkippedFile:
    if content is None:
        return SkippedFile(file.filename, "not a file of this repository")
    if len(content) > MAX_FILE_BYTES:
        return SkippedFile(file.filename, "larger than 2 MiB")
    if b"\0" in content:
        return SkippedFile(file.filename, "binary")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return SkippedFile(file.filename, "not UTF-8 text")
    try:
        shown = _shown_lines(file, text)
    except PatchInvalid:
        return SkippedFile(file.filename, "its diff could not be read")
    return SourceFile(file.filename, text, shown.changed, shown.hunks, _text_before(file, text))


def _text_before(file: ChangedFile, text: str) -> str | None:
    """None of a new file, and where the diff does not tell."""
    if file.status == "added" or file.patch is None:
        return None
    try:
        before = text_before(text, file.patch)
    except PatchInvalid:
        return None
    return before if len(before.encode()) <= MAX_BASE_BYTES else None


def _with_room_for_bases(files: list[SourceFile]) -> Iterator[SourceFile]:
    """What the files were before counts, too: of the last ones it may be left out."""
    room = MAX_SNAPSHOT_BYTES - sum(len(file.text.encode()) for file in files)
    for file in files:
        room -= len((file.base or "").encode())
        yield file if room >= 0 else msgspec.structs.replace(file, base=None)


def _shown_lines(file: ChangedFile, text: str) -> ShownLines:
    if file.patch is not None:
        return read_patch(file.patch)
    if file.status == "added" and text:
        whole = LineRange(1, text.removesuffix("\n").count("\n") + 1)
        return ShownLines((whole,), ())  # too large for GitHub to show, so no comment can stand in it
    return ShownLines((), ())  # only renamed, or its mode changed
