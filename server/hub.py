"""Build every part by hand, start them in order, stop them in the opposite one: the only file that sees all.

One `run_hub` is one hub. Nothing of it is global, so a test may run several in one process.
"""

import asyncio
import ipaddress
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from aiohttp import web
from redis.asyncio import Redis

from lsp.overview import Records
from lsp.server import LspDoor
from server.agents.budget import BUDGET, Limits
from server.agents.call import CALL
from server.agents.money import MICRODOLLARS
from server.agents.settings import claude_settings
from server.agents.transcripts import Transcripts
from server.analysis.redaction import redact
from server.api.app import make_app
from server.api.dead_messages import DeadMessages
from server.api.parts import Parts
from server.cancellation import stop_if_cancelled
from server.chores import stale
from server.config import Address, Settings
from server.db import DATABASE_AWAY, migrate, open_pool
from server.effects.hosts import site_of
from server.effects.settings import EffectsSettings
from server.embedded import Engines, start_engines
from server.embedded.account import prepare_data_directory
from server.embedded.lock import DataDirectoryLock
from server.errors import HiveError
from server.github import operations
from server.hubs.hubs import Hubs, forget_hubs
from server.hubs.leader import Leadership
from server.hubs.locks import forget_locks
from server.hubs.wakeups import Wakeups
from server.ide.consents import Consents
from server.ide.driving import Driving
from server.jobs.awaited import AwaitedResults
from server.jobs.coordinator import WorkflowCoordinator
from server.jobs.door import Door
from server.jobs.failures import FailureViews
from server.jobs.feed import EventFeed
from server.jobs.finishing import OnSucceeded
from server.jobs.gauges import BURYING, Gauges
from server.jobs.job import NULL, Event
from server.jobs.kinds import Kinds
from server.jobs.meter import Meter
from server.jobs.orchestrator import Orchestrator
from server.jobs.process import Bootstrap
from server.jobs.schedules import Schedules
from server.jobs.store import JobStore
from server.jobs.supervisor import Supervisor
from server.jobs.telling import tell_doors
from server.jobs.vacancy import Vacancy
from server.jobs.views import JobViews
from server.jobs.wire import StateTold
from server.jobs.workflow_views import WorkflowViews
from server.launch import Hub as HubAddress
from server.launch import run_file, write_run_file
from server.memory.accepted import AcceptedFixes
from server.memory.consolidation import Consolidation
from server.memory.contexts import Contexts
from server.memory.embedding import Embedding
from server.memory.learning import Learning
from server.memory.recording import Remembering
from server.memory.remote import RemoteEmbedder, endpoint_of
from server.memory.wire import KIND as MEMORY_INDEX
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
from server.ports import port_taken, refuse_taken_ports
from server.readiness import Readiness
from server.reviews import commands, deliveries, reconciling
from server.reviews.commanded import FINDINGS_CHANGED, Commanded, hear_findings_changed
from server.reviews.deliveries import DeliveryStore
from server.reviews.feedback import FeedbackStore
from server.reviews.findings import Announcer, Decided, FindingStore
from server.reviews.open_pull_request import ACT, READ
from server.reviews.reconciling import keep_schedule
from server.reviews.recording import Recording
from server.reviews.settling import Settling
from server.reviews.watched_branches import ReadAgain, WatchedBranches, keep_pull_request
from server.reviews.workflow import EFFECTS_QUEUE, REVIEW_QUEUE, THINK_QUEUE, kinds
from server.security.api_keys import ApiKeys
from server.security.at_rest import AtRest
from server.security.devices import DeviceLogins
from server.security.tokens import Token, new_token
from server.team.members import Members
from server.team.quorum import Quorums, close_overdue_decisions, forget_decisions
from server.team.sessions import Sessions
from server.tls import server_context
from webhooks.receiver import Receiver

CAPACITY = {REVIEW_QUEUE: 8, EFFECTS_QUEUE: 8, THINK_QUEUE: 8}
"""Attempts that one process of the queue runs at a time; most of them wait."""

FIXED_KEPT_SECONDS = 7 * 86400.0
"""For how long a fixed finding about which nobody decided anything is remembered."""

DELIVERIES_KEPT_SECONDS = 90 * 86400.0
DECISIONS_KEPT_SECONDS = 90 * 86400.0
UNUSED_KEPT_SECONDS = 86400.0
"""Of locks that nobody takes any more, and hubs that were killed."""

BESIDE_AGAIN_SECONDS = 30.0
"""After which a part that only looks is tried again when it failed."""

STAND_IN = "nobody thinks"
"""The name of the process that ends work for a model."""

AGENTS_ACCOUNT = "nobody"
"""Whom agents become when the hub runs as root."""

log = structlog.get_logger("hive.hub")


@dataclass(frozen=True)
class Hub:
    """A hub that runs. *admin_key* is there on the first start that shows it only: nobody can show it again."""

    http: Address
    lsp: Address
    token: str = field(repr=False)
    admin_key: str | None = field(repr=False)
    failed: "asyncio.Future[None]"
    """Done when a part ended that must not; its exception says why."""


class HubFailed(HiveError):
    """A part of the running hub ended by itself."""


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
        tls = server_context(settings.tls_cert, settings.tls_key) if settings.tls_cert and settings.tls_key else None
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
        self._log_level = log_level
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._metrics = Metrics()
        self._kinds = kinds(thinks=settings.thinks, operations=operations.KINDS)
        self._meter = Meter(self._metrics, self._kinds)

    async def start(self, *, admin_key_is_seen: bool) -> Hub:
        workers = [worker for worker in (self._agent(), self._thinker(), self._effects()) if worker is not None]
        for worker in workers:
            self._background(worker.run(), f"{worker.queue} process")
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
        stores = _Stores.over(
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
        self._background(self._keyring.run(), "keyring")
        await door.begin()
        self._background(orchestrator.run(), "orchestrator")
        self._background(hubs.run(), "hub's own beat")
        leadership = Leadership(together, hubs.id, wakeups=wakeups)
        self._background(leadership.run(lambda leading: orchestrator.lead(leading.transaction)), "leader's duties")
        if embedder is not None:
            embedding = Embedding(pool, embedder, is_leading=lambda: leadership.leading is not None)
            self._beside(embedding.run, "embedder")
        self._metrics.is_leader.set_function(lambda: leadership.leading is not None)
        self._metrics.leader_epoch.set_function(lambda: leadership.leading.epoch if leadership.leading else 0)
        self._background(door.run(), "door")
        door.listen(lambda _: stores.feed.hint())
        if self._settings.thinkers == "elsewhere":
            stand_in = Vacancy(THINK_QUEUE, stores.job_views.agents, lambda: self._stand_in().run(), name=STAND_IN)
            self._beside(stand_in.run, "stand-in")
        self._beside(stores.feed.run, "event feed")
        self._beside(partial(stores.sessions.run, stores.feed.newest), "sessions")

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
        self._beside(gauges.run, "gauges")
        readiness = Readiness(pool, self._redis(Role.ORCHESTRATOR), workers, editors)
        lsp = await self._listen_lsp(editors)
        coordinator = WorkflowCoordinator(
            stores.jobs, stores.workflows, carry_out=orchestrator.carry_out, listen=door.listen
        )
        http = await self._listen_http(door, stores, editors, readiness, lsp, leadership, coordinator)
        await self._workers_ready(workers)
        # Last of all: the key of a start that failed would be known to nobody.
        admin_key = await stores.keys.create_first() if admin_key_is_seen else None
        write_run_file(self._settings.data_dir, HubAddress(os.getpid(), str(http), str(lsp), local.text))
        self._stack.callback(run_file(self._settings.data_dir).unlink, missing_ok=True)
        return Hub(http, lsp, local.text, admin_key, self._failed)

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

    def _orchestrator(self, stores: "_Stores", writer: StreamWriter, hubs: Hubs, wakeups: Wakeups) -> Orchestrator:
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
            retention=[
                stores.sessions.forget,
                stores.members.forget,
                lambda: stores.findings.forget_fixed(older_than_seconds=FIXED_KEPT_SECONDS),
                lambda: stores.deliveries.forget(older_than_seconds=DELIVERIES_KEPT_SECONDS),
                Learning(stores.pool, stores.contexts).learn,
                Consolidation(stores.pool).consolidate,
                lambda: close_overdue_decisions(stores.pool),
                lambda: forget_decisions(stores.pool, older_than_seconds=DECISIONS_KEPT_SECONDS),
                stores.transcripts.forget,
                WatchedBranches(stores.pool).forget,
                AwaitedResults(stores.pool).forget,
                DeviceLogins(stores.pool, stores.keys).forget,
                lambda: forget_locks(stores.pool, unused_seconds=UNUSED_KEPT_SECONDS),
                lambda: forget_hubs(stores.pool, silent_seconds=UNUSED_KEPT_SECONDS),
            ],
        )

    # --- worker processes -----------------------------------------------------------------------------------------

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

    def _stand_in(self) -> Supervisor:
        """Ends what waits for a model while nobody who thinks elsewhere is there."""
        bootstrap = self._bootstrap(THINK_QUEUE, Role.AGENT, run_as=AGENTS_ACCOUNT)
        return Supervisor("server.agents.stand_in", msgspec.structs.replace(bootstrap, name=STAND_IN))

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

    async def _workers_ready(self, workers: list[Supervisor]) -> None:
        for worker in workers:
            ready: asyncio.Future[Any] = asyncio.ensure_future(worker.ready.wait())
            await asyncio.wait({ready, self._failed}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if self._failed.done():
                self._failed.result()

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

    async def _listen_lsp(self, editors: LspDoor) -> Address:
        try:
            address = await editors.start(self._settings.lsp)
        except OSError as error:
            raise port_taken({"HIVE_LSP": (self._settings.lsp, error)}) from error
        self._stack.push_async_callback(editors.stop)
        return address

    async def _listen_http(
        self,
        door: Door,
        stores: "_Stores",
        editors: LspDoor,
        readiness: Readiness,
        lsp: Address,
        leadership: Leadership,
        coordinator: WorkflowCoordinator,
    ) -> Address:
        wanted = self._settings.http
        parts = Parts(
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
            driving=Driving(editors.connected, Consents(stores.pool), self._settings.ide_commands),
            dead_messages=DeadMessages(self._redis(Role.ORCHESTRATOR), BURYING, stores.pool),
            readiness=readiness,
            leader=leadership.leader,
            registry=self._metrics.registry,
            on_loopback=_is_loopback(wanted.host),
            doors={"LSP": str(lsp), "Webhooks": self._webhooks_door(), "API": "/api/v1"},
        )
        app = make_app(parts)
        secrets = [secret.reveal().encode() for secret in self._settings.github_webhook_secrets]
        receiver = Receiver(secrets, door.submit_delivery, answered=self._answered)
        app.router.add_post("/webhooks/github", receiver.handle)
        app.router.add_get("/lsp", editors.websocket)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        sites: dict[str, tuple[Address, ssl.SSLContext | None]] = {"HIVE_HTTP": (wanted, None)}
        if (https := self._settings.https) is not None:
            sites["HIVE_HTTPS"] = (https, self._tls)
        for setting, (address, context) in sites.items():
            try:
                await web.TCPSite(runner, address.host, address.port, ssl_context=context).start()
            except OSError as error:
                raise port_taken({setting: (address, error)}) from error
        return Address(wanted.host, runner.addresses[0][1])

    def _webhooks_door(self) -> str:
        refused = "" if self._settings.github_webhook_secrets else " (no secret set: deliveries are refused)"
        return f"/webhooks/github{refused}"

    def _answered(self, status: int, seconds: float) -> None:
        self._metrics.webhook_answers.labels(status).inc()
        self._metrics.webhook_seconds.observe(seconds)

    # --- background -----------------------------------------------------------------------------------------------

    def _beside(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """As `_background`, for what only looks: when it stumbles, work goes on without it until it is tried again."""

        async def again_and_again() -> None:
            while True:
                try:
                    await work()
                except Exception:
                    stop_if_cancelled()
                    log.exception("a part that only looks failed", part=name, again_seconds=BESIDE_AGAIN_SECONDS)
                await asyncio.sleep(BESIDE_AGAIN_SECONDS)

        self._background(again_and_again(), name)

    def _background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run it for as long as the hub runs. When it ends by itself, the hub has failed."""
        task = asyncio.create_task(work, name=name)

        def ended(_: "asyncio.Task[None]") -> None:
            if task.cancelled() or self._failed.done():
                return
            error = task.exception()
            if not isinstance(error, HiveError):
                log.error("a part of the hub ended", part=name, exc_info=error)
                error = HubFailed(f"the {name} ended: {error!r}", hint="the log has more")
            self._failed.set_exception(error)
            self._failed.exception()  # taken note of, also when nobody waits any more

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        task.add_done_callback(ended)
        self._stack.push_async_callback(stop)


@dataclass(frozen=True)
class _Stores:
    """Everything that is kept in Postgres, each by who knows its tables."""

    pool: asyncpg.Pool
    jobs: JobStore
    job_views: JobViews
    workflows: WorkflowViews
    feed: EventFeed
    failures: FailureViews
    findings: FindingStore
    deliveries: DeliveryStore
    contexts: Contexts
    accepted_fixes: AcceptedFixes
    decisions: Quorums
    schedules: Schedules
    members: Members
    sessions: Sessions
    keys: ApiKeys
    transcripts: Transcripts

    @classmethod
    def over(
        cls,
        pool: asyncpg.Pool,
        jobs: asyncpg.Pool,
        views: asyncpg.Pool,
        kinds: Kinds,
        transcripts: Transcripts,
        following: Mapping[str, OnSucceeded],
        *,
        announce: Announcer,
        decided: Decided | None,
        local: Token,
        embedder: RemoteEmbedder | None,
    ) -> "_Stores":
        """*jobs* is the hot one, *views* can only read. *following*: by kind what hands in jobs that follow."""
        findings = FindingStore(pool, announce, decided)
        recording = Recording(findings)
        contexts = Contexts(pool, redact=redact, views=views, remote=embedder)
        accepted_fixes = AcceptedFixes(pool, contexts)
        notes: dict[str, OnSucceeded] = {
            "review": recording,
            "review.think": recording,
            MEMORY_INDEX: Remembering(contexts),
            "fix.publish": accepted_fixes,
            READ: keep_pull_request,
            ACT: keep_pull_request,
            **following,
        }
        store = JobStore(jobs, kinds, record_deliveries=deliveries.record, on_succeeded=notes)
        return cls(
            pool=pool,
            jobs=store,
            job_views=JobViews(views),
            workflows=WorkflowViews(views),
            feed=EventFeed(views),
            failures=FailureViews(views),
            findings=findings,
            deliveries=DeliveryStore(pool),
            contexts=contexts,
            accepted_fixes=accepted_fixes,
            decisions=Quorums(pool),
            schedules=Schedules(pool, kinds),
            members=Members(pool),
            sessions=Sessions(pool),
            keys=ApiKeys(pool, local=local),
            transcripts=transcripts,
        )

    async def hear_states(self, states: Sequence[StateTold]) -> None:
        await self.members.told(states)
        await self.sessions.keep_summaries(states)


async def _announce(writer: StreamWriter, event: Event) -> None:
    await tell_doors(writer, [event])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
