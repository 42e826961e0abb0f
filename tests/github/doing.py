"""What a delivery sets going, done at once: its jobs and those that come of them, against GitHub's stand-in.

The orchestrator's part (order, attempts, what is superseded) is left out: each job runs in a process of its own, which
knows nothing that an earlier one had in memory.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from server.effects.api import GitHubUnavailable
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.settings import EffectsSettings
from server.hubs.locks import Locks
from server.jobs.job import JobRequest, Snooze
from server.jobs.worker import Work
from tests.github.standin import APP_LOGIN, GitHubStandIn
from webhooks.chores import chores_of
from webhooks.events import decide

PATIENCE = 10
"""How often a job is tried."""


@dataclass
class Doing:
    standin: GitHubStandIn
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    results: list[Any] = field(default_factory=list)

    async def deliver(self, event: str, payload: dict[str, Any], *kinds: str) -> None:
        """Do what the delivery asks for, but only jobs of these *kinds*, if any are named."""
        decided = decide(event, payload)
        await self.do(*([decided] if isinstance(decided, JobRequest) else []), *chores_of(event, payload), kinds=kinds)

    async def do(self, *requests: JobRequest, kinds: tuple[str, ...] = ()) -> None:
        waiting = deque(request for request in requests if not kinds or request.kind in kinds)
        while waiting:
            request = waiting.popleft()
            result = await self._until_done(request)
            self.results.append(result)
            waiting.extend(getattr(result, "requests", ()))

    async def _until_done(self, request: JobRequest) -> Any:
        for _ in range(PATIENCE):
            try:
                return await self.attempt(request.kind, request.project, bytes(request.args), request.id)
            except Snooze as snooze:
                await self.pool.execute(
                    "insert into clock (ahead) values (make_interval(secs => $1)) "
                    "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
                    snooze.seconds,
                )
            except GitHubUnavailable:
                continue
        raise AssertionError(f"{request.kind} never got done")

    async def attempt(
        self, kind: str, project: str, args: bytes, job_id: UUID, inputs: dict[str, bytes] | None = None
    ) -> Any:
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, self.standin.private_key_pem)
        handlers = make_handlers(settings, self.session, Ledger(self.pool), Locks(self.pool), pool=self.pool)
        work = Work(job_id, kind, project, 1, args, inputs or {}, lambda done, total, note: None, _nobody_hears)
        return await handlers[kind](work)


def notes(standin: GitHubStandIn, number: int, about: str, full_name: str = "octo/demo") -> list[str]:
    """What the App says on a pull request or an issue under the marker of a chore, without that marker."""
    [thread] = [one for one in standin.threads() if (one.repository.full_name, one.number) == (full_name, number)]
    bodies = [comment["body"] for comment in thread.conversation if comment["user"]["login"] == APP_LOGIN]
    return [body.partition("\n\n")[2] for body in bodies if body.startswith(f"<!-- hive:{about} ")]


def _nobody_hears(kind: str, body: bytes) -> None:
    """No door is open."""
