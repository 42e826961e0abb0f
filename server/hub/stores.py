"""Everything that a hub keeps in Postgres, each part by who knows its tables. Starts nothing and opens no pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from server.agents.transcripts import Transcripts
from server.analysis.redaction import redact
from server.jobs.failures import FailureViews
from server.jobs.feed import EventFeed
from server.jobs.finishing import OnSucceeded
from server.jobs.kinds import Kinds
from server.jobs.schedules import Schedules
from server.jobs.store import JobStore
from server.jobs.views import JobViews
from server.jobs.wire import StateTold
from server.jobs.workflow_views import WorkflowViews
from server.memory.accepted import AcceptedFixes
from server.memory.contexts import Contexts
from server.memory.recording import Remembering
from server.memory.remote import RemoteEmbedder
from server.memory.wire import KIND as MEMORY_INDEX
from server.reviews import deliveries
from server.reviews.deliveries import DeliveryStore
from server.reviews.findings import Announcer, Decided, FindingStore
from server.reviews.open_pull_request import ACT, READ
from server.reviews.recording import Recording
from server.reviews.watched_branches import keep_pull_request
from server.security.api_keys import ApiKeys
from server.security.tokens import Token
from server.team.members import Members
from server.team.quorum import Quorums
from server.team.sessions import Sessions


@dataclass(frozen=True)
class Stores:
    """*pool* for whoever keeps something beside jobs."""

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
    ) -> "Stores":
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
