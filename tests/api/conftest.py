"""An HTTP door with everything real behind it: Postgres, Redis, the sealed streams, the orchestrator, a worker.

Only the reviewer is a stand-in: it finds one problem in every file, and waits where the test wants it to.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, Counter

from server.agents.budget import Limits as Budgets
from server.agents.indexer import IndexingDesk
from server.agents.transcripts import Transcripts
from server.analysis.redaction import redact
from server.api.app import Parts, PartState, make_app
from server.api.dead_messages import DeadMessages
from server.db import open_pool
from server.github import operations
from server.hubs.wakeups import Wakeups
from server.ide.consents import Consents
from server.ide.driving import Driving
from server.jobs.coordinator import WorkflowCoordinator
from server.jobs.door import Door
from server.jobs.failures import FailureViews
from server.jobs.feed import EventFeed
from server.jobs.job import Event, EventType, GiveUp, JobRequest, encode, new_job_id
from server.jobs.meter import Meter
from server.jobs.orchestrator import Orchestrator
from server.jobs.schedules import Schedules
from server.jobs.store import JobStore
from server.jobs.telling import tell_doors
from server.jobs.views import JobViews
from server.jobs.worker import Work, Worker
from server.jobs.workflow_views import WorkflowViews
from server.memory.accepted import AcceptedFixes
from server.memory.contexts import Contexts
from server.memory.recording import Remembering
from server.memory.wire import KIND as MEMORY_INDEX
from server.messaging import (
    INTAKE,
    INTAKES,
    OUTCOMES,
    Role,
    inbox,
)
from server.observability.metrics import Metrics
from server.reviews import deliveries
from server.reviews.deliveries import DeliveryStore
from server.reviews.feedback import FeedbackStore
from server.reviews.finding import Confidence, Finding, Severity, fingerprint
from server.reviews.findings import FindingStore
from server.reviews.recording import Recording
from server.reviews.snapshot import Coverage, Report, Snapshot, SourceFile
from server.reviews.workflow import kinds
from server.security.api_keys import ApiKeys
from server.security.at_rest import AtRest
from server.security.devices import DeviceLogins
from server.security.limits import Limits
from server.security.principal import Permission
from server.team.members import Members
from server.team.quorum import Quorums
from server.team.sessions import Sessions
from tests.streams import Streams, running

KINDS = kinds(thinks=False, operations=operations.KINDS)
PROJECT = "github.com/octo/app"
OTHER = "github.com/octo/other"


@dataclass
class Hub:
    """The door's client, keys of every role, and a hand on what is behind."""

    client: TestClient[Any, Any]
    parts: Parts
    pool: asyncpg.Pool
    views: asyncpg.Pool
    metrics: Metrics
    keys: dict[str, str]
    ready: dict[str, PartState]
    may_finish: asyncio.Event
    heard: list[Event] = field(default_factory=list)

    async def ask(self, method: str, path: str, *, role: str | None = "admin", **options: Any) -> ClientResponse:
        """*role* None: without a key."""
        headers = dict(options.pop("headers", {}))
        if role is not None:
            headers.setdefault("Authorization", f"Bearer {self.keys[role]}")
        return await self.client.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> Any:
        """The JSON of a good answer."""
        answer = await self.ask("GET", path, **options)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def review(self, *paths: str, project: str = PROJECT) -> str:
        """The id of a review's job, which may still run."""
        snapshot = Snapshot(project, tuple(SourceFile(path, "eval(text)\n") for path in paths or ("app.py",)))
        answer = await self.ask("POST", "/api/v1/reviews", json=msgspec.to_builtins(snapshot))
        assert answer.status == 202, await answer.text()
        return str((await answer.json())["job"])

    async def reviewed(self, *paths: str, project: str = PROJECT) -> str:
        """The id of a review's job that has ended."""
        job = await self.review(*paths, project=project)
        assert (await self.get(f"/api/v1/jobs/{job}?wait=20"))["state"] == "succeeded"
        return job

    async def dead_job(self) -> str:
        """The id of a job that failed for good."""
        request = JobRequest("review", PROJECT, encode("hopeless"))
        async with self.hearing(str(request.id), EventType.DEAD):
            await self.parts.door.submit(request)
        return str(request.id)

    @asynccontextmanager
    async def hearing(self, job: str, type_: EventType) -> AsyncIterator[None]:
        """At the end of the block, wait until the event came that something in it led to."""
        heard = asyncio.Event()

        def hear(event: Event) -> None:
            if str(event.job_id) == job and event.type is type_:
                heard.set()

        unlisten = self.parts.door.listen(hear)
        yield
        async with asyncio.timeout(20):
            await heard.wait()
        unlisten()


def finding_of(path: str) -> Finding:
    return Finding(
        fingerprint=fingerprint("hive.dangerous-call", path, "eval(text)", 0),
        rule="hive.dangerous-call",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path=path,
        start_line=1,
        end_line=1,
        start_column=1,
        end_column=11,
        message="eval runs any code",
        why="text comes from outside",
        evidence="eval(text)",
    )


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
async def hub(postgres_url: str, streams: Streams, limits: Limits) -> AsyncIterator[Hub]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(postgres_url, max_size=6)
        stack.push_async_callback(pool.close)
        views = await open_pool(postgres_url, max_size=4, read_only=True)
        stack.push_async_callback(views.close)
        listening = await open_pool(postgres_url, max_size=1)  # of its own: a test may close the pool
        stack.push_async_callback(listening.close)
        orchestrator_writer = streams.writer(Role.ORCHESTRATOR)
        door = Door(streams.writer(Role.DOOR), streams.events())
        findings = FindingStore(pool, lambda event: tell_doors(orchestrator_writer, [event]))
        contexts = Contexts(pool, redact=redact, views=views)
        jobs = JobStore(
            pool,
            KINDS,
            record_deliveries=deliveries.record,
            on_succeeded={"review": Recording(findings), MEMORY_INDEX: Remembering(contexts)},
        )
        metrics = Metrics()
        meter = Meter(metrics, KINDS)
        members, sessions = Members(pool), Sessions(pool)
        orchestrator = Orchestrator(
            jobs,
            writer=orchestrator_writer,
            intakes=[streams.reader(*INTAKES)],
            outcomes=streams.reader(OUTCOMES),
            meter=meter,
            wakeups=Wakeups(listening),
            hear_states=members.told,
        )
        feed = EventFeed(views)
        may_finish = asyncio.Event()
        may_finish.set()
        agent_id = new_job_id()
        worker = Worker(
            agent_id,
            "the test's",
            ("review",),
            {"review": _reviewer(may_finish), MEMORY_INDEX: IndexingDesk().handle},
            role=Role.AGENT,
            writer=streams.writer(Role.AGENT),
            inbox=streams.inbox(inbox(Role.AGENT, agent_id)),
            capacity=8,
        )
        ready = {name: PartState(True) for name in ("postgres", "redis", "orchestrator", "agents", "effects")}

        async def readiness() -> Mapping[str, PartState]:
            return ready

        registry = CollectorRegistry()
        Counter("hive_things_total", "Things", registry=registry).inc()
        parts = Parts(
            door=door,
            jobs=JobViews(views),
            workflows=WorkflowViews(views),
            coordinator=WorkflowCoordinator(
                jobs, WorkflowViews(views), carry_out=orchestrator.carry_out, listen=door.listen
            ),
            feed=feed,
            failures=FailureViews(views),
            meter=meter,
            findings=findings,
            feedback=FeedbackStore(pool),
            keys=ApiKeys(pool),
            deliveries=DeliveryStore(pool),
            contexts=contexts,
            accepted_fixes=AcceptedFixes(pool, contexts),
            decisions=Quorums(pool),
            schedules=Schedules(pool, KINDS),
            members=members,
            sessions=sessions,
            transcripts=Transcripts(pool, views, AtRest(lambda: bytes(32)), Budgets(job=1, project_day=2, day=3)),
            devices=DeviceLogins(pool, ApiKeys(pool)),
            driving=Driving(lambda: (), Consents(pool), (), Wakeups(pool)),
            dead_messages=DeadMessages(streams.redis(Role.ORCHESTRATOR), [INTAKE, OUTCOMES], pool),
            readiness=readiness,
            registry=registry,
            on_loopback=True,
            github="https://github.com",
            doors={
                "API and this page": "http://127.0.0.1:8642",
                "Editors (LSP)": "127.0.0.1:8643",
                "GitHub webhooks": "http://127.0.0.1:8642/webhooks/github",
            },
            limits=limits,
        )
        await door.begin()
        door.listen(meter.hear)
        door.listen(lambda _: feed.hint())
        loops = (orchestrator.run(), orchestrator.lead(), door.run(), feed.run(), worker.run())
        await stack.enter_async_context(running(*loops))
        client = await stack.enter_async_context(TestClient(TestServer(make_app(parts))))
        hub = Hub(client, parts, pool, views, metrics, await _keys(parts.keys), ready, may_finish)
        door.listen(hub.heard.append)
        yield hub


def _reviewer(may_finish: asyncio.Event) -> Any:
    async def review(work: Work) -> Report:
        if work.args == b'"hopeless"':
            raise GiveUp("nothing can be done")
        snapshot = msgspec.json.decode(work.args, type=Snapshot)
        work.progress(1, 2, "reading")
        await may_finish.wait()
        paths = tuple(file.path for file in snapshot.files)
        return Report(tuple(map(finding_of, paths)), Coverage(paths))

    return review


async def _keys(keys: ApiKeys) -> dict[str, str]:
    made = {}
    for role, scope, project in (
        ("read", Permission.READ, None),
        ("write", Permission.WRITE, None),
        ("admin", Permission.ADMIN, None),
        ("project read", Permission.READ, PROJECT),
        ("project write", Permission.WRITE, PROJECT),
    ):
        _, made[role] = await keys.create(role, [scope], by="the test", project=project)
    key, made["revoked"] = await keys.create("revoked", [Permission.ADMIN], by="the test")
    await keys.revoke(key.id, by="the test")
    return made
