"""What a `memory.index` job takes and answers, and how much of it. Light: commands load it, too."""

import hashlib

import msgspec

from server.memory.context import Cut

KIND = "memory.index"

MAX_FILES = 500
MAX_TEXT_BYTES = 1024 * 1024
"""Of all files of one job; a larger repository comes in parts, so that no transaction that records one is long."""

MAX_PIECES = 1_000
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
