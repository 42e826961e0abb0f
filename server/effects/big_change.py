"""Read by git what GitHub's API does not show of a large change: files beyond its list, patches, and all the contents.

Decides nothing about a review: `snapshot.py` says which files are wanted, and what becomes of them.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from server.effects.github import ChangedFile
from server.effects.partial_clone import PartialClone, TreeChange
from server.reviews.snapshot import MAX_BASE_BYTES, MAX_FILE_BYTES

MAX_CHANGED_FILES = 20_000
"""That are named one by one; of a larger change the rest is counted."""

MAX_PATCH_BYTES = MAX_BASE_BYTES + MAX_FILE_BYTES
MAX_PATCHES_BYTES = 32 * 1024 * 1024
"""Of all that GitHub does not show, in memory."""

BLOBS_AT_ONCE = 1_000

STATUSES = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}


class BigChange(NamedTuple):
    """*files*: with the patches that GitHub shows. *uncounted*: how many more there are. *before*: the blob that each
    file was. *is_listed*: paths that GitHub lists itself.
    """

    files: list[ChangedFile]
    uncounted: int
    before: Mapping[str, str]


async def list_files(clone: PartialClone, merge_base_sha: str, head_sha: str, listed: list[ChangedFile]) -> BigChange:
    """All that the head changes. *listed*: what GitHub lists of it, as far as it does."""
    await clone.fetch_commits(merge_base_sha, head_sha)
    changes = {change.path: change for change in await clone.changes(merge_base_sha, head_sha)}
    shown = [file for file in listed if file.filename in changes]
    known = {file.filename for file in shown} | {file.previous_filename for file in shown}
    others = [_unlisted(change) for path, change in changes.items() if path not in known]
    files = [*shown, *others]
    before = {path: change.old_sha for path, change in changes.items() if change.old_sha.strip("0")}
    return BigChange(files[:MAX_CHANGED_FILES], len(files[MAX_CHANGED_FILES:]), before)


def _unlisted(change: TreeChange) -> ChangedFile:
    """GitHub shows no diff of it, so nobody can comment in it."""
    is_gone = change.status == "D"
    sha = None if is_gone else change.sha
    return ChangedFile(change.path, STATUSES.get(change.status, "changed"), sha, changes=0 if is_gone else 1)


def is_unshown(file: ChangedFile) -> bool:
    """Whether GitHub keeps to itself what was changed in a file that was there before."""
    return file.patch is None and file.changes > 0 and file.status not in ("added", "removed")


async def fetch_files(
    clone: PartialClone, wanted: list[ChangedFile], before: Mapping[str, str]
) -> tuple[dict[str, bytes | None], list[ChangedFile]]:
    """The contents by path; and *wanted* with the patches that GitHub did not show, as far as there is room."""
    unshown = [file for file in wanted if is_unshown(file) and file.filename in before and file.sha]
    blobs = [file.sha for file in wanted if file.sha]
    for at in range(0, len(blobs), BLOBS_AT_ONCE):
        await clone.fetch_blobs(blobs[at : at + BLOBS_AT_ONCE])
    await clone.fetch_blobs(before[file.filename] for file in unshown)
    contents = {sha: content async for sha, content in clone.blobs(sorted(set(blobs)), MAX_FILE_BYTES)}
    patches = await _patches(clone, unshown, before)
    return (
        {file.filename: contents.get(file.sha or "") for file in wanted},
        [msgspec.structs.replace(file, patch=patches.get(file.filename, file.patch)) for file in wanted],
    )


async def _patches(clone: PartialClone, files: list[ChangedFile], before: Mapping[str, str]) -> dict[str, str]:
    pairs = [(before[file.filename], file.sha or "") for file in files]
    patches: dict[str, str] = {}
    room = MAX_PATCHES_BYTES
    if pairs:
        async for place, patch in clone.patches(pairs, MAX_PATCH_BYTES):
            if len(patch) <= room:
                room -= len(patch)
                patches[files[place].filename] = patch
    return patches
