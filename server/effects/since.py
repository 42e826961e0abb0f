"""Which lines a pull request's head has changed since an earlier head was reviewed. Reads from GitHub alone."""

from http import HTTPStatus

from server.effects.api import GitHubRefused
from server.effects.github import MAX_COMPARED_FILES, ChangedFile, GitHub
from server.reviews.diff import PatchInvalid, read_patch
from server.reviews.rounds import ChangedSince
from server.reviews.snapshot import LineRange

WHOLE = (LineRange(1, 2**31),)


async def changed_since(github: GitHub, reviewed_sha: str, head_sha: str) -> ChangedSince | None:
    """None where the head does not follow from what was reviewed (a force-push), or too much changed to be listed."""
    try:
        comparison = await github.compare(reviewed_sha, head_sha)
    except GitHubRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:  # a force-push left no trace of it
            return None
        raise
    if comparison.status != "ahead" or len(comparison.files) >= MAX_COMPARED_FILES:
        return None
    return {file.filename: _changed_lines(file) for file in comparison.files}


def _changed_lines(file: ChangedFile) -> tuple[LineRange, ...]:
    """All of a file whose diff is not shown."""
    if file.patch is None:
        return WHOLE if file.changes else ()
    try:
        return read_patch(file.patch).changed
    except PatchInvalid:
        return WHOLE
