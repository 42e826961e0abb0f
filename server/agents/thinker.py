"""The process that thinks with a model: holds the model's key, and no other credential.

It sees untrusted code as the deterministic agent does; what it may reach besides is the model's provider. Which kinds
of work there are, and who does them, is `minds.py`'s affair; here is what they share: the model, the purse, the talk.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog

from server.agents.budget import BUDGET, BudgetAsked, Left, Purse
from server.agents.claude import ClaudeModel
from server.agents.conversation import LiveConversation
from server.agents.minds import MINDS, Mind, preload
from server.agents.prices import facts_of
from server.agents.rehearsal import rehearse
from server.agents.settings import ClaudeSettings
from server.cancellation import stop_if_cancelled
from server.jobs.job import Snooze
from server.jobs.process import read_bootstrap, run_worker
from server.jobs.worker import Handler, Work
from server.observability.logs import configure_logs
from server.settling import settle

TOLD_SECONDS = 10.0
"""Until the hub has said what may be spent; it answers at once, unless it or Redis is away."""
ASK_AGAIN_SECONDS = 15.0

log = structlog.get_logger()


class Thinker:
    """Make it before privileges are dropped: the model's client reads the system's certificates."""

    def __init__(
        self, settings: ClaudeSettings, minds: Mapping[str, Mind], *, told_seconds: float = TOLD_SECONDS
    ) -> None:
        self._settings = settings
        self._minds = minds
        self._told_seconds = told_seconds
        self._model = ClaudeModel(settings)
        self._purse = Purse()
        self._asked: dict[tuple[UUID, int], asyncio.Future[Left]] = {}

    @asynccontextmanager
    async def handlers(self) -> AsyncIterator[Mapping[str, Handler]]:
        try:
            yield {kind: partial(self._handle, mind) for kind, mind in self._minds.items()}
        finally:
            await self._model.close()

    def hear_budget(self, body: bytes) -> None:
        """What the hub says is left for an attempt."""
        left = msgspec.json.decode(body, type=Left)
        waiting = self._asked.get((left.job_id, left.attempt))
        if waiting is not None and not waiting.done():
            waiting.set_result(left)

    async def _handle(self, mind: Mind, work: Work) -> Any:
        with self._purse.budget(work.project, await self._ask_what_is_left(work)) as budget:
            conversation = LiveConversation(
                self._model,
                budget,
                job_id=work.job_id,
                attempt=work.attempt,
                tell=work.tell,
                secrets=[self._settings.api_key],
            )
            return await mind(work, conversation)

    async def _ask_what_is_left(self, work: Work) -> Left:
        """Raises `Snooze` when nobody answers: what may be spent is not guessed."""
        key = (work.job_id, work.attempt)
        waiting: asyncio.Future[Left] = asyncio.get_running_loop().create_future()
        self._asked[key] = waiting
        try:
            work.tell(BUDGET, msgspec.json.encode(BudgetAsked(*key)))
            async with asyncio.timeout(self._told_seconds):
                return await waiting
        except TimeoutError:
            stop_if_cancelled()
            raise Snooze(ASK_AGAIN_SECONDS, "the hub did not say what may be spent") from None
        finally:
            del self._asked[key]


def main() -> None:
    bootstrap = read_bootstrap()
    configure_logs("json" if bootstrap.log == "json" else "console", level=bootstrap.log_level)
    settings = msgspec.json.decode(bootstrap.settings, type=ClaudeSettings)
    for model in (settings.strong, settings.fast):
        if not facts_of(model).is_known:
            log.warning("no price is known of a model: it is billed as the dearest", model=model)
    preload(settings.sandbox_paths)
    asyncio.run(rehearse())
    thinker = Thinker(settings, MINDS)
    settle()
    hears = {BUDGET: thinker.hear_budget}
    asyncio.run(run_worker(bootstrap, thinker.handlers, hears=hears))


if __name__ == "__main__":
    main()
