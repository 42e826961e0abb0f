"""What GitHub said before, so that the same need not be told again: files by their SHA, answers by their ETag.

Both are bounded by bytes, and what was asked for last stays. An answer is its installation's: nobody else sees it.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sized
from typing import Generic, TypeVar

import msgspec

MAX_BLOBS_BYTES = 64 * 1024 * 1024
MAX_ANSWERS_BYTES = 16 * 1024 * 1024
MAX_ANSWER_BYTES = 1024 * 1024
"""Larger ones are asked for anew."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)


class Remembered(Generic[K, V]):
    """Those that were asked for last, as many as there is *room* for, in what `len` counts."""

    def __init__(self, room: int) -> None:
        self._known: OrderedDict[K, V] = OrderedDict()
        self._room = room

    def get(self, key: K) -> V | None:
        if key in self._known:
            self._known.move_to_end(key)
        return self._known.get(key)

    def keep(self, key: K, content: V) -> None:
        if (old := self._known.pop(key, None)) is not None:
            self._room += len(old)
        self._room -= len(content)
        self._known[key] = content
        while self._room < 0:
            self._room += len(self._known.popitem(last=False)[1])


class Answer(msgspec.Struct, frozen=True):
    """*kind*: its content type. *link*: to further pages."""

    etag: str
    kind: str
    link: str
    body: bytes

    def __len__(self) -> int:
        return len(self.body)


Answers = Remembered[tuple[int, str], Answer]
"""By installation and address."""

Blobs = Remembered[tuple[str, ...], bytes]
"""By owner, repository and SHA."""
