"""Build every part by hand, start them in order, stop them in the opposite one.

One `run_hub` is one hub. Nothing of it is global, so a test may run several in one process.
"""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from lsp.overview import Records
from lsp.server import LspDoor
from server.agents.budget import BUDGET, Limits
from server.agents.call import CALL
from server.agents.money import MICRODOLLARS
from server.agents.transcripts import Transcripts
from server.api.dead_messages import DeadMessages
from server.api.parts import Parts
from server.chores import stale
from server.config import Address, Settings
from server.db import DATABASE_AWAY, migrate, open_pool
from server.effects.hosts import site_of
from server.embedded import Engines, start_engines
from server.embedded.account import prepare_data_directory
from server.embedded.lock import DataDirectoryLock
from server.github import operations
from server.hub.background import Background
from server.hub.doors import certificate, is_loopback, listen_http, listen_lsp
from server.hub.retention import retention
from server.hub.stores import Stores
from server.hub.workers import STAND_IN, Workers
from server.hubs.hubs import Hubs
from server.hubs.leader import Leadership
from server.hubs.wakeups import Wakeups
from server.ide.consents import Consents
from server.ide.driving import Driving
from server.jobs.awaited import AwaitedResults
from server.jobs.coordinator import WorkflowCoordinator
from server.jobs.door import Door
from server.jobs.gauges import BURYING, Gauges
from server.jobs.job import Event
from server.jobs.meter import Meter
from server.jobs.orchestrator import Orchestrator
from server.jobs.supervisor import Supervisor
from server.jobs.telling import tell_doors
from server.jobs.vacancy import Vacancy
from server.launch import Hub as HubAddress
from server.launch import run_file, write_run_file
from server.memory.embedding import Embedding
from server.memory.remote import RemoteEmbedder, endpoint_of
from server.messaging import (
    INTAKE,
    INTAKES,
    OUTCOMES,
    EventReader,
    Identity,
    Keyring,
    Role,
    Route,
    StreamReader,
    StreamWriter,
    acl_rules,
    connect,
    role_of,
)
from server.messaging.key_events import KeyEvents
from server.messaging.live_keys import LiveKeyring
from server.observability.metrics import Metrics
from server.ports import refuse_taken_ports
from server.readiness import Readiness
from server.reviews import commands, reconciling
from server.reviews.commanded import FINDINGS_CHANGED, Commanded, hear_findings_changed
from server.reviews.feedback import FeedbackStore
from server.reviews.reconciling import keep_schedule
from server.reviews.settling import Settling
from server.reviews.watched_branches import ReadAgain, WatchedBranches
from server.reviews.workflow import THINK_QUEUE, kinds
from server.security.at_rest import AtRest
from server.security.devices import DeviceLogins
from server.security.tokens import new_token
from webhooks.receiver import Receiver


@dataclass(frozen=True)
class Hub:
    """A hub that runs. *admin_key* is there on the first start that shows it only: nobody can show it again."""

    http: Address
    lsp: Address
    token: str = field(repr=False)
    admin_key: str | None = field(repr=False)
    failed: "asyncio.Future[None]"
    """Done when a part ended that must not; its exception says why."""


@asynccontextmanager
async def run_hub(settings: Settings, *, log_level: str = "info", admin_key_is_seen: bool = True) -> AsyncIterator[Hub]:
    """Start a hub; leaving the block stops it. *log_level* is for its worker processes.

    Unless *admin_key_is_seen* the first key is left for a start that shows it.

    Raises `HiveError` when it cannot start: the data directory is in use, an engine does not start, a port is taken.
    """
    async with AsyncExitStack() as stack:
        prepare_data_directory(settings.data_dir)
        stack.enter_context(DataDirectoryLock(settings.data_dir))
        with suppress(FileNotFoundError):
            run_file(settings.data_dir).unlink()  # of a hub that was killed: until we are ready there is none
        await refuse_taken_ports(settings)
        tls = certificate(settings)
        engines = await start_engines(settings, stack, {role.value: acl_rules(role) for role in Role})
        keyring = Keyring.open_or_create(settings.keys)
        building = _Building(settings, engines, keyring, stack, log_level, tls)
        yield await building.start(admin_key_is_seen=admin_key_is_seen)


class _Building:
    """The parts while they are put together; `stack` takes them down again."""

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        keyring: Keyring,
        stack: AsyncExitStack,
        log_level: str,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._settings = settings
        self._tls = tls
        self._engines = engines
        self._key_files = keyring
        self._keyring = LiveKeyring(keyring)
        self._stack = stack
        self._background = Background(stack)
        self._workers = Workers(settings, engines, self._keyring, log_level)
        self._metrics = Metrics()
        self._kinds = kinds(thinks=settings.thinks, operations=operations.KINDS)
        self._meter = Meter(self._metrics, self._kinds)

    async def start(self, *, admin_key_is_seen: bool) -> Hub:
        workers = self._workers.of_this_hub()
        for worker in workers:
            self._background.run(worker.run(), f"{worker.queue} process")
        await migrate(self._engines.database_url)
        pool = await open_pool(self._engines.database_url, min_size=2, max_size=10, resets=False)
        self._stack.push_async_callback(pool.close)
        views = await open_pool(self._engines.database_url, max_size=4, resets=False, read_only=True)
        self._stack.push_async_callback(views.close)
        jobs = await open_pool(self._engines.database_url, min_size=2, max_size=6, resets=False, by_index=True)
        self._stack.push_async_callback(jobs.close)

        door = self._door()
        local = new_token()
        writer = self._writer(Role.ORCHESTRATOR)
        transcripts = Transcripts(
            pool,
            views,
            AtRest.in_directory(self._settings.keys),
            self._limits(),
            count=self._metrics.count_model_call,
        )
        announce = partial(_announce, writer)
        commanded = Commanded(door.submit)
        embedder = self._embedder()
        stores = Stores.over(
            pool,
            jobs,
            views,
            self._kinds,
            transcripts,
            {commands.KIND: commanded, "review.publish": ReadAgain(door.submit)},
            announce=announce,
            decided=Settling(door.submit) if self._settings.github_app_id is not None else None,
            local=local,
            embedder=embedder,
        )
        together = await open_pool(self._engines.database_url, max_size=4, resets=False)
        self._stack.push_async_callback(together.close)
        for schedule in (reconciling.SCHEDULE, stale.SCHEDULE):
            await keep_schedule(stores.schedules, schedule, has_app=self._settings.github_app_id is not None)
        hubs, wakeups = Hubs(together), Wakeups(together)
        orchestrator = self._orchestrator(stores, writer, hubs, wakeups)
        for worker in workers:
            worker.on_death(partial(self._worker_died, orchestrator, worker.queue))
        await self._record_keys(pool)
        self._keyring.on_change(partial(self._hand_keys_on, pool, workers))
        self._background.run(self._keyring.run(), "keyring")
        await door.begin()
        self._background.run(orchestrator.run(), "orchestrator")
        self._background.run(hubs.run(), "hub's own beat")
        leadership = Leadership(together, hubs.id, wakeups=wakeups)
        self._background.run(leadership.run(lambda leading: orchestrator.lead(leading.transaction)), "leader's duties")
        if embedder is not None:
            embedding = Embedding(pool, embedder, is_leading=lambda: leadership.leading is not None)
            self._background.beside(embedding.run, "embedder")
        self._metrics.is_leader.set_function(lambda: leadership.leading is not None)
        self._metrics.leader_epoch.set_function(lambda: leadership.leading.epoch if leadership.leading else 0)
        self._background.run(door.run(), "door")
        door.listen(lambda _: stores.feed.hint())
        if self._settings.thinkers == "elsewhere":
            stand_in = Vacancy(THINK_QUEUE, stores.job_views.agents, self._workers.stands_in, name=STAND_IN)
            self._background.beside(stand_in.run, "stand-in")
        self._background.beside(stores.feed.run, "event feed")
        self._background.beside(partial(stores.sessions.run, stores.feed.newest), "sessions")

        thinks = self._settings.thinks
        records = Records(stores.job_views, stores.members)
        editors = LspDoor(
            door,
            stores.findings,
            stores.keys.authenticate,
            thinks=thinks,
            records=records,
            branches=WatchedBranches(pool) if self._settings.github_app_id is not None else None,
            consents=Consents(pool),
            awaited=AwaitedResults(pool),
            accepted=stores.accepted_fixes,
            contexts=stores.contexts,
        )
        self._metrics.editors.set_function(lambda: editors.sessions)
        gauges = Gauges(
            self._metrics, stores.job_views, stores.failures, self._redis(Role.ORCHESTRATOR), self._kinds.queues
        )
        self._background.beside(gauges.run, "gauges")
        readiness = Readiness(pool, self._redis(Role.ORCHESTRATOR), workers, editors)
        lsp = await listen_lsp(editors, self._settings.lsp, self._stack)
        coordinator = WorkflowCoordinator(
            stores.jobs, stores.workflows, carry_out=orchestrator.carry_out, listen=door.listen
        )
        parts = self._parts(door, stores, editors, readiness, lsp, leadership, coordinator, wakeups)
        secrets = [secret.reveal().encode() for secret in self._settings.github_webhook_secrets]
        receiver = Receiver(secrets, door.submit_delivery, answered=self._answered)
        http = await listen_http(parts, receiver, editors, self._settings, self._tls, self._stack)
        for worker in workers:
            await self._background.until(worker.ready)
        # Last of all: the key of a start that failed would be known to nobody.
        admin_key = await stores.keys.create_first() if admin_key_is_seen else None
        write_run_file(self._settings.data_dir, HubAddress(os.getpid(), str(http), str(lsp), local.text))
        self._stack.callback(run_file(self._settings.data_dir).unlink, missing_ok=True)
        return Hub(http, lsp, local.text, admin_key, self._background.failed)

    # --- messaging ------------------------------------------------------------------------------------------------

    def _redis(self, role: Role) -> Redis:
        redis = connect(self._engines.redis_urls[role])
        self._stack.push_async_callback(redis.aclose)
        return redis

    def _writer(self, role: Role) -> StreamWriter:
        writer = StreamWriter(self._redis(role), self._keyring.identity(role))
        self._stack.push_async_callback(writer.close)
        return writer

    def _reader(self, role: Role, *routes: Route) -> StreamReader:
        consumer = f"{os.getpid()}-{os.urandom(4).hex()}"
        identity = self._keyring.identity(role)
        reader = StreamReader(self._engines.redis_urls[role], identity, routes, "orchestrators", consumer)
        self._stack.push_async_callback(reader.close)
        return reader

    def _door(self) -> Door:
        events = EventReader(self._engines.redis_urls[Role.DOOR], self._keyring.identity(Role.DOOR))
        self._stack.push_async_callback(events.close)
        door = Door(self._writer(Role.DOOR), events)
        door.listen(self._meter.hear)
        return door

    def _orchestrator(self, stores: Stores, writer: StreamWriter, hubs: Hubs, wakeups: Wakeups) -> Orchestrator:
        return Orchestrator(
            stores.jobs,
            writer=writer,
            intakes=[self._reader(Role.ORCHESTRATOR, INTAKE), self._reader(Role.ORCHESTRATOR, *INTAKES[1:])],
            outcomes=self._reader(Role.ORCHESTRATOR, OUTCOMES),
            meter=self._meter,
            hubs=lambda: hubs.standing,
            wakeups=wakeups,
            due=stores.schedules.due,
            hear_states=stores.hear_states,
            others={
                CALL: stores.transcripts.hear_calls,
                BUDGET: stores.transcripts.tell_budgets,
                FINDINGS_CHANGED: hear_findings_changed,
            },
            retention=retention(stores),
        )

    # --- worker processes -----------------------------------------------------------------------------------------

    def _embedder(self) -> RemoteEmbedder | None:
        """Its key stays here: whoever reads repositories gets it as little as any other."""
        endpoint = endpoint_of(self._settings)
        if endpoint is None:
            return None
        embedder = RemoteEmbedder(endpoint)
        self._stack.push_async_callback(embedder.close)
        return embedder

    def _limits(self) -> Limits:
        dollars = (self._settings.budget_job, self._settings.budget_project_day, self._settings.budget_day)
        job, project_day, day = (round(amount * MICRODOLLARS) for amount in dollars)
        return Limits(job=job, project_day=project_day, day=day)

    async def _hand_keys_on(
        self, pool: asyncpg.Pool, workers: Sequence[Supervisor], identities: Mapping[Role, Identity]
    ) -> None:
        """Keys were rotated or revoked: the children hear it first, and it is written down if nobody did."""
        for worker in workers:
            await worker.give_keys(identities[role_of(worker.queue)])
        with suppress(*DATABASE_AWAY):  # then the next change notes this one too
            await self._record_keys(pool)

    async def _record_keys(self, pool: asyncpg.Pool) -> None:
        async with pool.acquire() as connection:
            await KeyEvents(connection).record(self._key_files.registry(), actor="hub")

    async def _worker_died(self, orchestrator: Orchestrator, queue: str, agent_id: UUID) -> None:
        self._metrics.agent_restarts.labels(queue).inc()
        await orchestrator.agent_died(agent_id)

    # --- doors ----------------------------------------------------------------------------------------------------

    def _parts(
        self,
        door: Door,
        stores: Stores,
        editors: LspDoor,
        readiness: Readiness,
        lsp: Address,
        leadership: Leadership,
        coordinator: WorkflowCoordinator,
        wakeups: Wakeups,
    ) -> Parts:
        """What the API stands on."""
        return Parts(
            door=door,
            jobs=stores.job_views,
            workflows=stores.workflows,
            coordinator=coordinator,
            feed=stores.feed,
            failures=stores.failures,
            meter=self._meter,
            findings=stores.findings,
            feedback=FeedbackStore(stores.pool),
            keys=stores.keys,
            deliveries=stores.deliveries,
            contexts=stores.contexts,
            accepted_fixes=stores.accepted_fixes,
            decisions=stores.decisions,
            schedules=stores.schedules,
            members=stores.members,
            sessions=stores.sessions,
            transcripts=stores.transcripts,
            thinks=self._settings.thinks,
            github=site_of(self._settings.github_api_url) if self._settings.github_app_id is not None else "",
            devices=DeviceLogins(stores.pool, stores.keys),
            driving=Driving(editors.connected, Consents(stores.pool), self._settings.ide_commands, wakeups),
            dead_messages=DeadMessages(self._redis(Role.ORCHESTRATOR), BURYING, stores.pool),
            readiness=readiness,
            leader=leadership.leader,
            registry=self._metrics.registry,
            on_loopback=is_loopback(self._settings.http.host),
            doors={"LSP": str(lsp), "Webhooks": self._webhooks_door(), "API": "/api/v1"},
        )

    def _webhooks_door(self) -> str:
        refused = "" if self._settings.github_webhook_secrets else " (no secret set: deliveries are refused)"
        return f"/webhooks/github{refused}"

    def _answered(self, status: int, seconds: float) -> None:
        self._metrics.webhook_answers.labels(status).inc()
        self._metrics.webhook_seconds.observe(seconds)


async def _announce(writer: StreamWriter, event: Event) -> None:
    await tell_doors(writer, [event])
