"""Which push to a default branch is meant, pinned at two commits. Names and SHAs only, as of a pull request."""

import msgspec

from server.reviews.pull_request import Repository, Sha


class PushRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `memory.push`. *before_sha* is what the branch showed before."""

    project: str
    repository: Repository
    before_sha: Sha
    after_sha: Sha
    installation_id: int | None = None

    @property
    def key(self) -> str:
        return f"{self.repository}:{self.before_sha}..{self.after_sha}"
