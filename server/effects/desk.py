"""What an operation on GitHub works with: for one job, about one repository."""

from typing import NamedTuple, TypeVar

import asyncpg

from server.effects.app import GitHubApp
from server.effects.github import GitHub
from server.effects.ledger import Ledger
from server.hubs.locks import Locks
from server.jobs.worker import Work

G = TypeVar("G", bound=GitHub)


class Desk(NamedTuple):
    """*repository* is GitHub's `owner/name`."""

    app: GitHubApp
    ledger: Ledger
    locks: Locks
    pool: asyncpg.Pool | None
    repository: str
    work: Work

    async def github(self, type_: type[G]) -> G:
        """GitHub, about the repository."""
        owner, _, name = self.repository.partition("/")
        return type_(self.app, await self.app.installation_id(owner, name), owner, name)
