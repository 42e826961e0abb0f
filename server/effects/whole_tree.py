"""Fetch all files of a pull request's head, pinned, by git at once: for tests, which need more than a review reads."""

import asyncio
from collections.abc import Mapping

import msgspec

from server.effects.big_change import fetch_files
from server.effects.github import ChangedFile, GitHub
from server.effects.partial_clone import GitUnavailable, partial_clone
from server.effects.snapshot import MAX_SNAPSHOT_BYTES, Progress, text_of
from server.jobs.children import Children
from server.reviews.snapshot import MAX_FILE_BYTES, Snapshot, SourceFile
from server.reviews.whole_tree import WholeTree

MAX_FILES = 20_000


async def fetch_tree(github: GitHub, snapshot: Snapshot, progress: Progress, children: Children) -> WholeTree:
    """What is no text, and what is too large for a review, is left out: tests seldom need it."""
    known = {file.path for file in snapshot.files}
    wanted = [
        ChangedFile(path, "unchanged", entry.sha)
        for path, entry in (await github.tree(snapshot.head_sha)).items()
        if entry.mode.startswith("100") and (entry.size or 0) <= MAX_FILE_BYTES and path not in known
    ]
    if len(wanted) > MAX_FILES:
        return WholeTree(note=f"the project is too large to be fetched whole ({len(wanted):,} files)")
    progress(0, len(wanted), "fetching the project by git")
    try:
        address, token = await github.git()
        async with partial_clone(children, address, token, snapshot.head_sha) as clone:
            contents, _ = await fetch_files(clone, wanted, {})
    except GitUnavailable as unavailable:
        return WholeTree(note=f"the project was not fetched whole: {unavailable}")
    return await asyncio.to_thread(_tree_of, contents)


def _tree_of(contents: Mapping[str, bytes | None]) -> WholeTree:
    texts = {path: text_of(content) for path, content in contents.items()}
    tree = WholeTree(tuple(SourceFile(path, text) for path, text in texts.items() if text is not None))
    size = len(msgspec.json.encode(tree))
    if size > MAX_SNAPSHOT_BYTES:
        return WholeTree(note=f"the project is too large to be fetched whole ({size >> 20} MiB of text)")
    return tree
