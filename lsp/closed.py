"""What was found in files that are not open, because somebody had them reviewed: until they change, go or are opened.

Nobody reviews them again by itself, so what may not be true any more goes. They are files of this machine: of others
the hub reads none.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from lsprotocol import types

from lsp.awaiting import digest_of
from lsp.workspace import file_path
from server.reviews.finding import FindingStatus
from server.reviews.working_files import Skip, WorkingFiles, text_of

MAX_FILES = 2_000
"""Those shown first are left alone first."""


class Display(Protocol):
    """`lsp.screen.Display`."""

    def show(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None: ...

    def forget(self, uri: str) -> None: ...


class _Shown(NamedTuple):
    """*uri* as it was shown: editors write the same one in several ways. *digest*: of the text that was reviewed."""

    uri: str
    project: str
    digest: str
    diagnostics: Sequence[types.Diagnostic]
    dismissed: frozenset[str]


class ClosedFiles:
    """One client's. `close` ends it."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._shown: dict[object, _Shown] = {}
        self._folders: Counter[Path] = Counter()
        """How many of them lie somewhere within: most of what is deleted is none of these."""
        self._looking: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        for task in self._looking:
            task.cancel()

    def show(self, uri: str, project: str, text: str, diagnostics: list[types.Diagnostic]) -> None:
        key = _key(uri)
        self._let_go(key)
        if diagnostics:
            self._shown[key] = _Shown(uri, project, digest_of(text), diagnostics, frozenset())
            self._folders.update(_folders_of(key))
        if len(self._shown) > MAX_FILES:
            self._let_go(next(iter(self._shown)))
        self._display.show(uri, None, diagnostics)

    def decided(self, project: str, fingerprints: Collection[str], status: FindingStatus) -> None:
        """Somebody, anywhere, dismissed or reopened findings."""
        for key, shown in self._shown.items():
            ours = {_fingerprint(one) for one in shown.diagnostics}.intersection(fingerprints)
            if shown.project == project and ours:
                is_dismissed = status is FindingStatus.DISMISSED
                dismissed = shown.dismissed | ours if is_dismissed else shown.dismissed - ours
                self._shown[key] = shown._replace(dismissed=dismissed)
                left = [one for one in shown.diagnostics if _fingerprint(one) not in dismissed]
                self._display.show(shown.uri, None, left)

    def opened(self, uri: str) -> None:
        """From now on it is reviewed as it is edited."""
        self._let_go(_key(uri))

    def written(self, uris: Iterable[str]) -> None:
        """On the disk. Editors tell of it some time later, when it may have been reviewed already: that stays."""
        shown = {key: self._shown[key] for key in map(_key, uris) if key in self._shown}
        if shown:
            task = asyncio.create_task(self._forget_others(shown))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _forget_others(self, shown: Mapping[object, _Shown]) -> None:
        """Of these files, those that hold something else than what was reviewed."""
        for key, was in shown.items():
            is_same = isinstance(key, Path) and await asyncio.to_thread(_digest_on_disk, key) == was.digest
            if not is_same and (now := self._shown.get(key)) is not None and now.digest == was.digest:
                self._forget(key)

    def gone(self, uris: Iterable[str]) -> None:
        """Files, or folders with all that is in them."""
        for key in map(_key, uris):
            self._forget(key)
            if key in self._folders:
                for within in [one for one in self._shown if key in _folders_of(one)]:
                    self._forget(within)

    def _forget(self, key: object) -> None:
        if (shown := self._let_go(key)) is not None:
            self._display.forget(shown.uri)

    def _let_go(self, key: object) -> _Shown | None:
        shown = self._shown.pop(key, None)
        if shown is not None:
            for folder in _folders_of(key):
                self._folders[folder] -= 1
                if not self._folders[folder]:
                    del self._folders[folder]
        return shown


def _key(uri: str) -> object:
    return file_path(uri) or uri


def _digest_on_disk(file: Path) -> str:
    """Blocks. "" where it is not to be read."""
    try:
        return digest_of(text_of(WorkingFiles(Path(os.path.realpath(file.parent))).read(file.name)))
    except Skip:
        return ""


def _folders_of(key: object) -> Sequence[Path]:
    return key.parents if isinstance(key, Path) else ()


def _fingerprint(diagnostic: types.Diagnostic) -> str:
    return str(diagnostic.data["fingerprint"]) if isinstance(diagnostic.data, dict) else ""
