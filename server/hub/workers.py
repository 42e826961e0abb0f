"""The worker processes of a hub: which there are, and what each is given of keys and settings. Starts none."""

import socket
from collections.abc import Coroutine
from typing import Any

import msgspec

from server.agents.settings import claude_settings
from server.config import Settings
from server.effects.settings import EffectsSettings
from server.embedded import Engines
from server.jobs.job import NULL
from server.jobs.process import Bootstrap
from server.jobs.supervisor import Supervisor
from server.messaging import LiveKeyring, Role
from server.reviews.workflow import EFFECTS_QUEUE, REVIEW_QUEUE, THINK_QUEUE

CAPACITY = {REVIEW_QUEUE: 8, EFFECTS_QUEUE: 8, THINK_QUEUE: 8}
"""Attempts that one process of the queue runs at a time; most of them wait."""

STAND_IN = "nobody thinks"
"""The name of the process that ends work for a model."""

AGENTS_ACCOUNT = "nobody"
"""Whom agents become when the hub runs as root."""


class Workers:
    """Makes their supervisors. *log_level* is for the processes."""

    def __init__(self, settings: Settings, engines: Engines, keyring: LiveKeyring, log_level: str) -> None:
        self._settings = settings
        self._engines = engines
        self._keyring = keyring
        self._log_level = log_level

    def of_this_hub(self) -> list[Supervisor]:
        return [worker for worker in (self._agent(), self._thinker(), self._effects()) if worker is not None]

    def _agent(self) -> Supervisor:
        """Where nobody thinks, it also ends the work that has waited since there was a key."""
        also = () if self._settings.thinks else (THINK_QUEUE,)
        return Supervisor("server.agents", self._bootstrap(REVIEW_QUEUE, Role.AGENT, run_as=AGENTS_ACCOUNT, also=also))

    def _thinker(self) -> Supervisor | None:
        """Only with a key: without a model the deterministic reviewer is the product."""
        given = claude_settings(self._settings)
        if given is None or self._settings.thinkers == "elsewhere":
            return None
        as_json = msgspec.Raw(msgspec.json.encode(given))
        bootstrap = self._bootstrap(THINK_QUEUE, Role.AGENT, run_as=AGENTS_ACCOUNT, settings=as_json)
        return Supervisor("server.agents.thinker", bootstrap)

    def stands_in(self) -> Coroutine[Any, Any, None]:
        """Ends what waits for a model while nobody who thinks elsewhere is there."""
        bootstrap = self._bootstrap(THINK_QUEUE, Role.AGENT, run_as=AGENTS_ACCOUNT)
        return Supervisor("server.agents.stand_in", msgspec.structs.replace(bootstrap, name=STAND_IN)).run()

    def _effects(self) -> Supervisor | None:
        """Only where GitHub may call: without a webhook secret nothing ever asks for an effect."""
        settings = self._settings
        if settings.github_app_id is None and not settings.github_webhook_secrets:
            return None
        key = settings.github_private_key
        given = EffectsSettings(
            database_url=self._engines.database_url,
            api_url=settings.github_api_url,
            app_id=settings.github_app_id,
            private_key=key.reveal() if key else "",
            thinks=settings.thinks,
        )
        bootstrap = self._bootstrap(EFFECTS_QUEUE, Role.EFFECTS, settings=msgspec.Raw(msgspec.json.encode(given)))
        return Supervisor("server.effects", bootstrap)

    def _bootstrap(
        self, queue: str, role: Role, *, run_as: str = "", also: tuple[str, ...] = (), settings: msgspec.Raw = NULL
    ) -> Bootstrap:
        return Bootstrap(
            queue=queue,
            name=f"{queue}@{socket.gethostname()}",
            capacity=CAPACITY[queue],
            redis_url=self._engines.redis_urls[role],
            identity=self._keyring.identity(role).current.export(),
            sleep_after_seconds=self._settings.sleep_after_seconds,
            log=self._settings.log,
            log_level=self._log_level,
            run_as=run_as,
            also=also,
            settings=settings,
        )
