"""What is remembered, as values: a Context as people see it, a Piece as it is written. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from server.errors import HiveError

MAX_TEXT_BYTES = 16_384
"""Of one context."""


class ContextKind(StrEnum):
    """*code* and *prose* follow their files; a *note* somebody left; *feedback* is a person's verdict on a finding."""

    CODE = "code"
    PROSE = "prose"
    NOTE = "note"
    FEEDBACK = "feedback"


Unit = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Context(msgspec.Struct, frozen=True):
    """One thing remembered. *score*: of a search, its rank among the others; else what is left of its importance.

    *near_place*, *word_place*: by meaning and by words alone it was the so-manieth; None where it was not found.
    """

    id: UUID
    project: str
    kind: ContextKind
    text: str
    path: str
    symbol: str
    start_line: int
    end_line: int
    about: str
    owner: str
    session: UUID | None
    importance: float
    uses: int
    created_at: datetime
    used_at: datetime | None
    parent: UUID | None
    consolidated_at: datetime | None
    model: str
    score: float
    near_place: int | None = None
    word_place: int | None = None


class NewContext(msgspec.Struct, frozen=True):
    """*about*: a thing of which at most one context tells; another one about it takes its place."""

    project: str
    text: str
    kind: ContextKind = ContextKind.NOTE
    path: str = ""
    symbol: str = ""
    start_line: int = 0
    end_line: int = 0
    about: str = ""
    owner: str = ""
    session: UUID | None = None
    importance: float = 0.5
    parent: UUID | None = None


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A context as it is written: its vector, and the weights of its words by their places, in order."""

    id: UUID
    kind: ContextKind
    text: str
    path: str
    symbol: str
    start_line: int
    end_line: int
    digest: str
    vector: bytes
    places: tuple[int, ...]
    weights: tuple[float, ...]
    about: str = ""
    owner: str = ""
    session: UUID | None = None
    importance: float = 0.5
    parent: UUID | None = None


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file's pieces. *digest*: of its whole text, as it came. *left_out*: why there are none, "" if all is well."""

    path: str
    digest: str
    pieces: tuple[Piece, ...]
    left_out: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """What became of files: how many pieces were written, and of which files there are none, and why."""

    files: int
    written: int
    unchanged: int
    forgotten: int
    left_out: dict[str, str]


class MemorySize(msgspec.Struct, frozen=True):
    """How much of a kind a project remembers. *embedded*: of how many the *embedder* elsewhere has a vector by now."""

    project: str
    kind: ContextKind
    model: str
    contexts: int
    paths: int
    consolidated: int
    bytes: int
    embedder: str = ""
    embedded: int = 0


class ContextNotFound(HiveError):
    """This project remembers nothing of this id."""


class ContextRefused(HiveError):
    """This cannot be remembered as it is."""
