from __future__ import annotations

import hashlib
import os
import random
import re
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_DIGEST = re.compile(r"[0-9a-f]{64}")
CHUNK = 1 << 20


class NotABlob(ValueError):
    """The name is no digest."""


class BlobStore(ABC):
    @abstractmethod
    def read(self, digest: str) -> bytes: ...

    @abstractmethod
    def write(self, data: bytes) -> str: ...

    def __contains__(self, digest: str) -> bool:
        try:
            self.read(digest)
        except (KeyError, NotABlob):
            return False
        return True


class Memory(BlobStore):
    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def read(self, digest: str) -> bytes:
        return self._blobs[digest]

    def write(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self._blobs[digest] = data
        return digest


class Folder(BlobStore):
    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)

    def read(self, digest: str) -> bytes:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise KeyError(digest) from None

    def write(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        target = self._path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as temporary:
            temporary.write(data)
        os.replace(temporary.name, target)
        return digest

    def open(self, digest: str) -> BinaryIO:
        return open(self._path(digest), "rb")

    def remove(self, digest: str) -> None:
        with suppress(FileNotFoundError):
            self._path(digest).unlink()

    def __iter__(self) -> Iterator[str]:
        for folder in sorted(self._root.iterdir()):
            yield from (folder.name + file.name for file in sorted(folder.iterdir()))

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise NotABlob(digest)
        return self._root / digest[:2] / digest[2:]


def short_key(text: str) -> str:
    """For logs; collisions do no harm."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:8]


@contextmanager
def retried(attempts: int = 3, base: float = 0.1) -> Iterator[Iterator[int]]:
    def tries() -> Iterator[int]:
        for attempt in range(attempts):
            yield attempt
            time.sleep(base * 2**attempt * random.uniform(0.5, 1.5))

    yield tries()
