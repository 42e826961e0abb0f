"""What a push has changed of a pull request since an earlier head was reviewed: which lines, and what a model need not
look at again. Reads from GitHub, and from Postgres what was found.
"""

from collections.abc import Callable
from http import HTTPStatus

from server.effects.api import GitHubRefused
from server.effects.carrying import find_reviewed
from server.effects.github import MAX_COMPARED_FILES, ChangedFile, GitHub
from server.reviews.check_run import was_thought_about
from server.reviews.diff import PatchInvalid, ShownLines, read_patch
from server.reviews.findings import FindingStore
from server.reviews.pull_request import PullRequestRef
from server.reviews.rounds import ChangedSince
from server.reviews.snapshot import LineRange, Looked

MAX_KNOWN = 500
"""Findings of a pull request: one with more is looked at as a whole."""

WHOLE = (LineRange(1, 2**31),)


async def changed_since(github: GitHub, reviewed_sha: str, head_sha: str) -> ChangedSince | None:
    """None where the head does not follow from what was reviewed (a force-push), or too much changed to be listed."""
    files = await _files_since(github, reviewed_sha, head_sha)
    return None if files is None else {file.filename: _lines(file, lambda shown: shown.changed) for file in files}


async def looked_at_before(github: GitHub, findings: FindingStore, ref: PullRequestRef, head_sha: str) -> Looked | None:
    """What a model saw of the head before; None where it did not, or that was something else, or somebody asks anew."""
    if ref.before_sha is None or not ref.automatic or head_sha != ref.head_sha:
        return None
    try:
        reviewed = await find_reviewed(github, ref, ref.before_sha)
    except GitHubRefused:  # no trace of it, or no check runs at all
        return None
    if reviewed is None or not was_thought_about(reviewed.summary):
        return None
    files = await _files_since(github, ref.before_sha, head_sha)
    if files is None:
        return None
    known = await findings.list(project=ref.project, place=f"pull_request:{ref.name}", limit=MAX_KNOWN)
    if len(known) == MAX_KNOWN:
        return None
    pushed = {file.filename: _lines(file, lambda shown: shown.hunks) for file in files}
    said = (one.finding for one in known if one.finding.is_from_model or one.finding.opinion)
    return Looked(ref.before_sha, {path: lines for path, lines in pushed.items() if lines}, tuple(said))


async def _files_since(github: GitHub, reviewed_sha: str, head_sha: str) -> list[ChangedFile] | None:
    try:
        comparison = await github.compare(reviewed_sha, head_sha)
    except GitHubRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:  # a force-push left no trace of it
            return None
        raise
    if comparison.status != "ahead" or len(comparison.files) >= MAX_COMPARED_FILES:
        return None
    return comparison.files


def _lines(file: ChangedFile, of: Callable[[ShownLines], tuple[LineRange, ...]]) -> tuple[LineRange, ...]:
    """All of a file whose diff is not shown."""
    if file.patch is None:
        return WHOLE if file.changes else ()
    try:
        return of(read_patch(file.patch))
    except PatchInvalid:
        return WHOLE
