"""Where a chore looks: the args of its jobs. Names and numbers only, as of a review."""

from typing import Annotated

import msgspec

from server.reviews.pull_request import Repository, Sha

Number = Annotated[int, msgspec.Meta(ge=1)]


class PullChore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At one pull request, as it is when the job runs."""

    project: str
    repository: Repository
    number: Number
    installation_id: int | None = None

    @property
    def name(self) -> str:
        return f"{self.repository}#{self.number}"


class CommitChore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At whatever is about one commit: of a status GitHub does not say to which pull request it belongs."""

    project: str
    repository: Repository
    head_sha: Sha
    installation_id: int | None = None

    @property
    def name(self) -> str:
        return f"{self.repository}@{self.head_sha}"
