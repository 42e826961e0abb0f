"""The code around the files that somebody edits, as it lies on this machine: named by content, read where it changed.

Blocks: for a thread. Made for a look after every pause of somebody who types, so it remembers what it read. A workspace
is hostile: there is a limit to all that is listed, and nothing is followed out of it.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from server.reviews.context import CONTEXT_SUFFIXES, MAX_CONTEXT_BYTES, VENDORED, nearest
from server.reviews.git import CannotCollect, Git
from server.reviews.snapshot import KnownFile, SourceFile
from server.reviews.working_files import Skip, Stamp, WorkingFiles, printable, text_of

MAX_NEARBY_FILES = 600
"""A name and a digest of each go along with every review."""

MAX_LISTED = 20_000
"""Files of code among which the nearest are sought; MAX_SCANNED: names that are looked at for it without git."""
MAX_SCANNED = 50_000

LISTED_SECONDS = 20.0
"""For how long the list of files counts; longer where making it takes long."""
LISTING_SHARE = 0.02


class _Read(NamedTuple):
    """*digest* is "" of what is not to be read."""

    stamp: Stamp
    digest: str
    size: int


class Nearby(Protocol):
    """The files around edited ones. *unsaved*: texts by path that count instead of the disk's."""

    def look(self, edited: Collection[str], unsaved: Mapping[str, str]) -> tuple[KnownFile, ...]:
        """The files nearest to the *edited* ones, without these."""

    def texts(self, paths: Iterable[str], unsaved: Mapping[str, str]) -> tuple[SourceFile, ...]:
        """As they are now; what cannot be read any more is left out."""

    def list_anew(self) -> None:
        """Files came or went."""


class NearbyTexts:
    """Where no disk may be read: what is open is all there is."""

    def __init__(self, *, room: int = MAX_CONTEXT_BYTES) -> None:
        self._room = room

    def look(self, edited: Collection[str], unsaved: Mapping[str, str]) -> tuple[KnownFile, ...]:
        near = nearest(unsaved, edited, MAX_NEARBY_FILES)
        return tuple(_fitting(((path, _of(unsaved[path], _NEVER)) for path in near), self._room))

    def texts(self, paths: Iterable[str], unsaved: Mapping[str, str]) -> tuple[SourceFile, ...]:
        return tuple(SourceFile(path, unsaved[path]) for path in paths if path in unsaved)

    def list_anew(self) -> None:
        """There is no list."""


class NearbyFiles:
    """Of the project at *root* (without symbolic links), in the folders *within* it (relative; `.` is all of it)."""

    def __init__(
        self,
        root: Path,
        within: Callable[[], Sequence[str]],
        env: Mapping[str, str],
        *,
        room: int = MAX_CONTEXT_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._within = within
        self._env = env
        self._room = room
        self._clock = clock
        self._files = WorkingFiles(root)
        self._listed: list[str] = []
        self._listed_until = float("-inf")
        self._known: dict[str, _Read] = {}

    def look(self, edited: Collection[str], unsaved: Mapping[str, str]) -> tuple[KnownFile, ...]:
        paths = {**dict.fromkeys(unsaved), **dict.fromkeys(self._listing())}
        near = list(self._read_all(nearest(paths, edited, MAX_NEARBY_FILES), unsaved))
        self._known = dict(near)
        return tuple(_fitting(near, self._room))

    def texts(self, paths: Iterable[str], unsaved: Mapping[str, str]) -> tuple[SourceFile, ...]:
        return tuple(_texts(paths, unsaved, self._files))

    def list_anew(self) -> None:
        self._listed_until = float("-inf")

    def _read_all(self, paths: Iterable[str], unsaved: Mapping[str, str]) -> Iterator[tuple[str, _Read]]:
        for path in paths:
            try:
                yield path, _of(unsaved[path], _NEVER) if path in unsaved else self._read(path)
            except Skip:
                continue

    def _read(self, path: str) -> _Read:
        stamp = self._files.stamp(path)
        known = self._known.get(path)
        if known is not None and known.stamp == stamp:
            return known
        try:
            return _of(text_of(self._files.read(path)), stamp)
        except Skip:
            return _Read(stamp, "", 0)  # not to be tried at every look

    def _listing(self) -> list[str]:
        began = self._clock()
        if began > self._listed_until:
            listed = (path for path in self._list() if path == printable(path))
            self._listed = sorted(listed)[:MAX_LISTED]
            now = self._clock()
            self._listed_until = now + max(LISTED_SECONDS, (now - began) / LISTING_SHARE)
        return self._listed

    def _list(self) -> list[str]:
        within = self._within()
        try:
            git = Git(self._root, self._env)
            paths = git.records("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *within)
            return [path for path in paths if os.path.splitext(path)[1] in CONTEXT_SUFFIXES]
        except (CannotCollect, OSError):  # no repository, somebody else's, or no git here
            return list(_scan(self._root, within))


def _fitting(near: Iterable[tuple[str, _Read]], room: int) -> Iterator[KnownFile]:
    for path, read in near:
        if read.digest and read.size <= room:
            room -= read.size
            yield KnownFile(path, read.digest)


def _texts(paths: Iterable[str], unsaved: Mapping[str, str], files: WorkingFiles) -> Iterator[SourceFile]:
    for path in paths:
        try:
            yield SourceFile(path, unsaved[path] if path in unsaved else text_of(files.read(path)))
        except Skip:
            continue


def _of(text: str, stamp: Stamp) -> _Read:
    encoded = text.encode()
    return _Read(stamp, sha256(encoded).hexdigest(), len(encoded))


def _scan(root: Path, within: Sequence[str]) -> Iterator[str]:
    """Code below the folders, what lies high up first; hidden folders hold no code of people."""
    folders, left = deque(os.path.normpath(folder) for folder in within), MAX_SCANNED
    while folders:
        folder = folders.popleft()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    if (left := left - 1) < 0:
                        return
                    path = entry.name if folder == "." else f"{folder}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in VENDORED and not entry.name.startswith("."):
                            folders.append(path)
                    elif os.path.splitext(path)[1] in CONTEXT_SUFFIXES:
                        yield path
        except OSError:
            continue  # what may not be read is not there


_NEVER: Stamp = (-1, -1, -1)
"""Of a text that is on no disk."""
