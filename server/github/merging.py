"""That a pull request is to be merged once it is ready, as a program wishes it, and how it stands then. Pure."""

from typing import Annotated

import msgspec

from server.github.operation import Operation


class MergeWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*sha*: the head that is meant, as a whole; "" for that of now. A later one is never merged by this.

    *cancel*: what was wished before is taken back, whoever wished it.
    """

    number: Annotated[int, msgspec.Meta(ge=1)]
    sha: Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64}|)\Z")] = ""
    cancel: bool = False


class MergeTold(msgspec.Struct, frozen=True):
    """*note*: what the comment on the pull request says now, at *url*. *waits*: it is neither merged nor over."""

    note: str
    url: str = ""
    waits: bool = False


MERGE = Operation("github.merge", MergeWanted, MergeTold, needs="contents: write")
