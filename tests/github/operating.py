"""Carry out operations on GitHub as the effects process does, each time in a new one: what was in memory is gone."""

from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import asyncpg
import msgspec

from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.settings import EffectsSettings
from server.github.operation import Asked, Operation
from server.hubs.locks import Locks
from server.jobs.job import new_job_id
from server.jobs.worker import Work
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn

R = TypeVar("R")


@dataclass
class Operator:
    standin: GitHubStandIn
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    repository: Repository
    job_id: UUID = field(default_factory=new_job_id)

    async def ask(self, operation: Operation[Any, R], wish: Any) -> R:
        """As a new job."""
        self.job_id = new_job_id()
        return await self.ask_again(operation, wish)

    async def ask_again(self, operation: Operation[Any, R], wish: Any) -> R:
        """As another attempt of the same job; the wish and the result travel as JSON, as they do there."""
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, self.standin.private_key_pem)
        # 0: nobody waits out a request whose sender died.
        ledger = Ledger(self.pool, under_way_seconds=0)
        handlers = make_handlers(settings, self.session, ledger, Locks(self.pool), pool=self.pool)
        args = msgspec.json.encode(Asked(self.repository.full_name, wish))
        work = Work(self.job_id, operation.kind, "github.com/octo/demo", 1, args, {}, lambda *_: None, lambda *_: None)
        result = await handlers[operation.kind](work)
        return msgspec.json.decode(msgspec.json.encode(result), type=operation.result)
