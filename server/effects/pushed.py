"""Fetch the files that a push to the default branch changed, in parts that one `memory.index` job takes each.

Reads from GitHub what the push itself names; what a push of more than 300 files leaves out, `hive memory index` brings.
"""

import msgspec

from server.effects.github import GitHub
from server.effects.snapshot import SUBMODULE, SYMBOLIC_LINK, Progress, fetch_contents, text_of
from server.memory.wire import MAX_TEXT_BYTES, IndexedFile, Indexing, parts
from server.reviews.push import PushRef

MAX_PUSHED_BYTES = 8 * 1024 * 1024
"""Of text; the rest of a larger push is not remembered, and counted."""


class Pushed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*parts*: each is what one job indexes. *left_out*: files too large, or too many."""

    parts: tuple[Indexing, ...]
    left_out: int = 0


async def fetch_pushed(github: GitHub, ref: PushRef, progress: Progress) -> Pushed:
    """What is gone comes first: of a file that was renamed, both."""
    comparison = await github.compare(ref.before_sha, ref.after_sha)
    tree = await github.tree(ref.after_sha)
    gone = sorted(file.filename for file in comparison.files if file.filename not in tree)
    wanted, left_out, room = [], 0, MAX_PUSHED_BYTES
    for file in comparison.files:
        entry = tree.get(file.filename)
        if entry is None or file.sha is None or entry.mode in (SUBMODULE, SYMBOLIC_LINK):
            continue
        size = entry.size or 0
        if size > min(room, MAX_TEXT_BYTES):
            left_out += 1
        else:
            room -= size
            wanted.append(file)
    contents = await fetch_contents(github, wanted, progress)
    kept = {path: content for path, content in contents.items() if len(content or b"") <= MAX_TEXT_BYTES}
    texts = [IndexedFile(path, text) for path, content in kept.items() if (text := text_of(content))]
    return Pushed(tuple(parts(ref.project, sorted(texts, key=lambda file: file.path), gone)), left_out)
