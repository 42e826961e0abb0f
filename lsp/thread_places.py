"""Where the threads of a pull request stand on this person's screen: its head against the files as they are now.

Local commits, files changed on the disk and what was typed since count in alike: only both texts are compared. Where
the head is not in the local repository (nobody fetched it) or nothing may be read, lines stay as GitHub tells them.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lsp.convert import content, split_lines
from lsp.reviewing import Reviewing
from server.reviews.drift import Drift, Whereabouts
from server.reviews.git import CannotCollect, Git
from server.reviews.open_pull_request import ReviewThread
from server.reviews.snapshot import MAX_FILE_BYTES

MAX_KEPT_TEXTS = 200


class Spot(NamedTuple):
    """*where* None: the file as a whole. *lines*: the file as it is now; empty where it could not be read."""

    where: Whereabouts | None
    lines: list[str]


class ThreadPlaces:
    """Of one project's working tree at *root*. *reads_disk*: the person sits at the hub's own machine."""

    def __init__(self, root: Path, *, reads_disk: bool) -> None:
        self._root = root
        self._reads_disk = reads_disk
        self._at_head: dict[tuple[str, str], list[str] | None] = {}

    async def of(
        self, head_sha: str, threads: tuple[ReviewThread, ...], documents: Mapping[str, Reviewing]
    ) -> dict[str, Spot]:
        """By thread. *documents*: what is open, by path."""
        texts = {path: reviewing.document.lines for path, reviewing in documents.items()}
        return await asyncio.to_thread(self._of, head_sha, threads, texts)

    def _of(self, head_sha: str, threads: tuple[ReviewThread, ...], texts: Mapping[str, list[str]]) -> dict[str, Spot]:
        spots: dict[str, Spot] = {}
        drifts: dict[str, tuple[Drift | None, list[str]]] = {}
        for thread in threads:
            if thread.path not in drifts:
                drifts[thread.path] = self._drift(head_sha, thread.path, texts)
            drift, lines = drifts[thread.path]
            spots[thread.id] = Spot(_where(thread, drift), lines)
        return spots

    def _drift(self, head_sha: str, path: str, texts: Mapping[str, list[str]]) -> tuple[Drift | None, list[str]]:
        now = [*texts[path]] if path in texts else self._on_disk(path)
        before = self._head_lines(head_sha, path)
        if before is None or not now:
            return None, now
        return Drift([content(line) for line in before], [content(line) for line in now]), now

    def _head_lines(self, head_sha: str, path: str) -> list[str] | None:
        if not self._reads_disk:
            return None
        key = head_sha, path
        if key not in self._at_head:
            if len(self._at_head) >= MAX_KEPT_TEXTS:
                self._at_head.clear()
            self._at_head[key] = self._read_head(head_sha, path)
        return self._at_head[key]

    def _read_head(self, head_sha: str, path: str) -> list[str] | None:
        try:
            found = Git(self._root, os.environ).content_at(head_sha, path, MAX_FILE_BYTES)
        except CannotCollect:
            return None
        return None if found is None else split_lines(found.decode("utf-8", "replace"))

    def _on_disk(self, path: str) -> list[str]:
        """Of a regular file within the working tree, also past symbolic links."""
        file = Path(os.path.realpath(self._root / path))
        if not self._reads_disk or not file.is_relative_to(self._root) or not file.is_file():
            return []
        try:
            with file.open("rb") as opened:
                found = opened.read(MAX_FILE_BYTES + 1)
        except OSError:
            return []
        return split_lines(found.decode("utf-8", "replace")) if len(found) <= MAX_FILE_BYTES else []


def _where(thread: ReviewThread, drift: Drift | None) -> Whereabouts | None:
    if thread.line is None:
        return None
    start = min(thread.start_line or thread.line, thread.line)
    return drift.now(start, thread.line) if drift else Whereabouts(start, thread.line, False)
