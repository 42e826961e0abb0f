"""Something that can be asked of GitHub about a repository, as data: one row, which every door and the effects share.

A door makes a job of it (`server.api.github`); the effects process, which alone has the App's key, carries it out
(`server.effects.operations`). The rows are listed in `operations.py`.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from server.jobs.job import GiveUp
from server.reviews.pull_request import Repository

W = TypeVar("W")
R = TypeVar("R")


class Asked(msgspec.Struct, Generic[W], frozen=True, forbid_unknown_fields=True):
    """The args of an operation's job: what is wished of which repository (GitHub's `owner/name`)."""

    repository: Repository
    wish: W


@dataclass(frozen=True)
class Operation(Generic[W, R]):
    """*kind*: of its jobs. *wish*: the type of what is asked. *needs*: permissions of the App, as GitHub names them."""

    kind: str
    wish: type[W]
    result: type[R]
    needs: str
    timeout_seconds: float = 120.0


class WishRefused(GiveUp):
    """What is wished can not be done as it is wished; asking again does not help. The reason says what would."""
