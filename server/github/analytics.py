"""What is asked about a repository's history on GitHub, and what comes of it. `server.history` defines each figure."""

from typing import Annotated

import msgspec

from server.github.operation import Operation
from server.github.protection import Branch
from server.history.figures import History
from server.history.pulls import PullFigures


class AnalyticsWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*branch* None: the default branch."""

    since_days: Annotated[int, msgspec.Meta(ge=1, le=730)] = 90
    branch: Branch | None = None


class Analytics(msgspec.Struct, frozen=True):
    """*history*: from git. *pulls*: of pull requests that were merged into the branch. *note*: what is missing."""

    repository: str
    branch: str
    history: History
    pulls: PullFigures
    note: str = ""


ANALYZE = Operation(
    "github.analytics",
    AnalyticsWish,
    Analytics,
    needs="contents: read and pull requests: read",
    timeout_seconds=900.0,
)
