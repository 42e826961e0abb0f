"""What a `memory.index` job takes and answers, and how much of it. Light: commands load it, too."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from server.memory.context import Cut

KIND = "memory.index"

MAX_FILES = 500
MAX_TEXT_BYTES = 1024 * 1024
"""Of all files of one job; a larger repository comes in parts, so that no transaction that records one is long."""

PART_BYTES = 96 * 1024
"""Of files that are sent at once; one that is larger goes alone. So a job's outcome is a short transaction."""

PART_FILES = 100
PART_GONE = 1_000

MAX_PIECES = 500
"""Of one job; of what is left out the answer says which files it is."""


class IndexedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*path*: relative to the repository, with `/`."""

    path: str
    text: str


class Indexing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args. *gone*: paths that are no more; what was remembered of them is forgotten."""

    project: str
    files: tuple[IndexedFile, ...] = ()
    gone: tuple[str, ...] = ()


class Indexed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the agent answers. *model*: the embedder's name; vectors of another one are of no use."""

    project: str
    model: str
    files: tuple[Cut, ...]
    gone: tuple[str, ...] = ()


def digest_of_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def parts(project: str, files: Iterable[IndexedFile], gone: Sequence[str]) -> Iterator[Indexing]:
    """Each is what one job takes. What is gone comes first: of a file that was renamed, both."""
    for at in range(0, len(gone), PART_GONE):
        yield Indexing(project, (), tuple(gone[at : at + PART_GONE]))
    part: list[IndexedFile] = []
    size = 0
    for file in files:
        length = len(file.text.encode("utf-8", "replace"))
        if part and (size + length > PART_BYTES or len(part) == PART_FILES):
            yield Indexing(project, tuple(part))
            part, size = [], 0
        part.append(file)
        size += length
    if part:
        yield Indexing(project, tuple(part))
