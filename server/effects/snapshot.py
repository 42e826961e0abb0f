"""Fetch what a pull request changes, pinned at its two commits.

Reads from GitHub and checks what comes by its SHA; runs and interprets nothing of it. What is too large for GitHub's
API is read by git (`big_change.py`); what is too large for a review is left out, and the coverage says so.
"""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from operator import itemgetter
from typing import NamedTuple

import msgspec

from server.effects.api import GitHubRefused
from server.effects.big_change import fetch_files, is_unshown, list_files
from server.effects.github import MAX_COMPARED_FILES, MAX_LISTED_FILES, ChangedFile, GitHub, PullRequestFacts, TreeEntry
from server.effects.partial_clone import GitUnavailable, partial_clone
from server.jobs.children import Children
from server.jobs.job import GiveUp
from server.jobs.wire import MAX_RESULT_BYTES
from server.reviews.context import MAX_CONTEXT_BYTES, nearest
from server.reviews.diff import PatchInvalid, ShownLines, read_patch, text_before
from server.reviews.pull_request import PullRequestRef
from server.reviews.rounds import UNLISTED
from server.reviews.snapshot import MAX_BASE_BYTES, MAX_FILE_BYTES, LineRange, SkippedFile, Snapshot, SourceFile
from server.reviews.words import GUIDELINES, MAX_COMMITS, MAX_GUIDELINES_BYTES, MAX_WORDS

MAX_SNAPSHOT_BYTES = MAX_RESULT_BYTES - 1024 * 1024
"""As it is sent: a snapshot is the result of a job. What does not fit is skipped, the largest files first."""

TOO_MUCH = "over the size of a review"

MAX_CONTEXT_FILES = 100
"""GitHub gives an installation 5,000 requests an hour."""

BLOBS_AT_ONCE = 8

Progress = Callable[[int, int, str], None]

SYMBOLIC_LINK = "120000"
SUBMODULE = "160000"


async def fetch_snapshot(
    github: GitHub,
    ref: PullRequestRef,
    progress: Progress,
    *,
    for_model: bool = False,
    children: Children | None = None,
) -> Snapshot:
    """Every changed file at the head, or why it is not read. Raises GiveUp when the pull request cannot be pinned.

    The head is the newest that is known: *ref*'s, unless that was left behind. *for_model*: with the guidelines of the
    base, and what the change's author says of it. *children*: through which git is started; the API alone without.
    """
    facts, ref = await _at_newest_head(github, ref)
    change = await _read_change(github, ref, progress, children)
    tree = change.tree
    kept: list[SourceFile] = []
    skipped = [*change.skipped]
    for file in change.files:
        kept_or_skipped = _read_file(file, change.contents[file.filename])
        if isinstance(kept_or_skipped, SkippedFile):
            skipped.append(kept_or_skipped)
        elif file.filename in change.unshown:
            kept.append(msgspec.structs.replace(kept_or_skipped, hunks=()))  # nobody can comment there
        else:
            kept.append(kept_or_skipped)
    changed = {file.filename for file in change.files} | {file.path for file in skipped}
    context = await _fetch_context(github, tree, changed, progress)
    fitted = _fit(kept, context)
    snapshot = Snapshot(
        ref.project,
        fitted.files,
        (*skipped, *fitted.skipped),
        change.merge_base_sha,
        ref.head_sha,
        fitted.context,
    )
    if not for_model:
        return snapshot
    return msgspec.structs.replace(
        snapshot,
        title=facts.title[:MAX_WORDS],
        body=facts.body[:MAX_WORDS],
        commits=tuple(message[:MAX_WORDS] for message in change.messages),
        guidelines=await _fetch_guidelines(github, change.merge_base_sha),
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


class _Change(NamedTuple):
    """*files*: those to be read, with their *contents* by path. *unshown*: paths whose diff GitHub keeps to itself.

    *messages*: of the commits.
    """

    merge_base_sha: str
    messages: tuple[str, ...]
    tree: Mapping[str, TreeEntry]
    files: list[ChangedFile]
    contents: Mapping[str, bytes | None]
    skipped: list[SkippedFile]
    unshown: frozenset[str] = frozenset()


async def _read_change(github: GitHub, ref: PullRequestRef, progress: Progress, children: Children | None) -> _Change:
    listed = await _listed(github, ref)
    tree = await github.tree(ref.head_sha)
    refusal = ""
    if listed.is_large and children is not None:
        try:
            return await _read_by_git(github, ref, listed, tree, progress, children)
        except GitUnavailable as unavailable:
            refusal = f", and {unavailable}"
    wanted, skipped = _sort_out(listed.files, tree)
    if listed.missing:
        reason = f"{listed.missing:,} more: GitHub lists only the first {MAX_LISTED_FILES:,} files{refusal}"
        skipped.append(SkippedFile(UNLISTED, reason))
    if refusal and not listed.missing:
        skipped.append(SkippedFile(UNLISTED, f"too large for GitHub's API{refusal}"))
    contents = await fetch_contents(github, wanted, progress)
    return _Change(listed.merge_base_sha, listed.messages, tree, wanted, contents, skipped)


async def _read_by_git(
    github: GitHub,
    ref: PullRequestRef,
    listed: "_Listed",
    tree: Mapping[str, TreeEntry],
    progress: Progress,
    children: Children,
) -> _Change:
    progress(0, 0, "asking git: too large for GitHub's API")
    address, token = await github.git()
    async with partial_clone(children, address, token, ref.head_sha) as clone:
        change = await list_files(clone, listed.merge_base_sha, ref.head_sha, listed.files)
        wanted, skipped = _sort_out(change.files, tree)
        progress(0, len(wanted), "fetching files by git")
        contents, files = await fetch_files(clone, wanted, change.before)
    if change.uncounted:
        skipped.append(SkippedFile(UNLISTED, f"{change.uncounted:,} more: {TOO_MUCH}"))
    unshown = frozenset(file.filename for file in wanted if file.patch is None)
    return _Change(listed.merge_base_sha, listed.messages, tree, files, contents, skipped, unshown)


class _Listed(NamedTuple):
    """What GitHub's API tells of a change. *missing*: how many files it does not list. *messages*: of the commits."""

    merge_base_sha: str
    files: list[ChangedFile]
    messages: tuple[str, ...]
    missing: int = 0

    @property
    def is_large(self) -> bool:
        """Too large to be asked for file by file, or to be shown in full."""
        return len(self.files) >= MAX_COMPARED_FILES or any(map(is_unshown, self.files))


async def _listed(github: GitHub, ref: PullRequestRef) -> _Listed:
    comparison = await github.compare(ref.base_sha, ref.head_sha, commits=MAX_COMMITS)
    listed = _Listed(comparison.merge_base_sha, comparison.files, comparison.messages)
    if len(comparison.files) < MAX_COMPARED_FILES:
        return listed
    files = await github.files(ref.number)
    facts = await github.pull_request(ref.number)
    if facts.head_sha != ref.head_sha:
        raise GiveUp(f"a newer push ({facts.head_sha[:12]}) came while the files of {ref.head_sha[:12]} were listed")
    return listed._replace(files=files, missing=max(0, facts.changed_files - len(files)))


def _sort_out(files: list[ChangedFile], tree: Mapping[str, TreeEntry]) -> tuple[list[ChangedFile], list[SkippedFile]]:
    """What to fetch, and what not. Of what is too much the smaller files are read: most of all."""
    skipped: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for file in files:
        entry = tree.get(file.filename)
        if reason := _reason_to_skip(file, entry):
            skipped[file.filename] = reason
        else:
            sizes[file.filename] = (entry.size or 0) if entry else 0
    room = MAX_SNAPSHOT_BYTES
    for path, size in sorted(sizes.items(), key=itemgetter(1)):
        room -= size
        if room < 0:
            skipped[path] = TOO_MUCH
    wanted = [file for file in files if file.filename not in skipped]
    return wanted, [SkippedFile(path, reason) for path, reason in skipped.items()]


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
        return SkippedFile(file.filename, "not a file of this repository, or larger than 2 MiB")
    if len(content) > MAX_FILE_BYTES:
        return SkippedFile(file.filename, "larger than 2 MiB")
    if b"\0" in content:
        return SkippedFile(file.filename, "binary")
    if is_unshown(file):
        return SkippedFile(file.filename, "its diff is too large to be read")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return SkippedFile(file.filename, "not UTF-8 text")
    try:
        shown = _shown_lines(file, text)
    except PatchInvalid:
        return SkippedFile(file.filename, "its diff could not be read")
    return SourceFile(file.filename, text, shown.changed, shown.hunks, _text_before(file, text))


def text_of(content: bytes | None) -> str | None:
    """None for what is no text, or not there."""
    if content is None or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _text_before(file: ChangedFile, text: str) -> str | None:
    """None of a new file, and where the diff does not tell."""
    if file.status == "added" or file.patch is None:
        return None
    try:
        before = text_before(text, file.patch)
    except PatchInvalid:
        return None
    return before if len(before.encode()) <= MAX_BASE_BYTES else None


class _Fitted(NamedTuple):
    """What there is room for."""

    files: tuple[SourceFile, ...]
    context: tuple[SourceFile, ...]
    skipped: tuple[SkippedFile, ...]


def _fit(files: list[SourceFile], context: tuple[SourceFile, ...]) -> _Fitted:
    """As much as one message carries: texts first, the smaller before the larger, then what is around them, then what
    they were before.
    """
    room = MAX_SNAPSHOT_BYTES
    without: dict[str, SourceFile] = {}
    for file in sorted(files, key=lambda file: len(file.text)):
        bare = msgspec.structs.replace(file, base=None)
        room -= len(msgspec.json.encode(bare))
        if room < 0:
            break
        without[file.path] = bare
    around = []
    for file in context:
        room -= len(msgspec.json.encode(file))
        if room > 0:
            around.append(file)
    fitted = []
    uncompared = 0
    for file in files:
        if file.path in without:
            room -= len(msgspec.json.encode(file.base)) if file.base is not None else 0
            uncompared += room < 0 and file.base is not None
            fitted.append(file if room >= 0 else without[file.path])
    skipped = [SkippedFile(file.path, TOO_MUCH) for file in files if file.path not in without]
    if uncompared:
        note = f"{uncompared:,} files were not compared with what they were before: {TOO_MUCH}"
        skipped.append(SkippedFile(UNLISTED, note))
    return _Fitted(tuple(fitted), tuple(around), tuple(skipped))


def _shown_lines(file: ChangedFile, text: str) -> ShownLines:
    if file.patch is not None:
        return read_patch(file.patch)
    if file.status == "added" and text:
        whole = LineRange(1, text.removesuffix("\n").count("\n") + 1)
        return ShownLines((whole,), ())  # too large for GitHub to show, so no comment can stand in it
    return ShownLines((), ())  # only renamed, or its mode changed
