"""What the views beside the code show: all findings of this editor, the hub's jobs, and who works there.

The editor asks when a view is open; what happens to jobs is then told to it (`$/hive/job`). Decides nothing about
findings: `commands.py` does. Mirrored in `vscode-extension/src/protocol.ts`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp.awaiting import Results
from lsp.client import Client
from lsp.convert import range_of
from lsp.jobs import EditorJobs, NotPermitted
from lsp.messages import AGENTS, CANCEL_JOB, FINDINGS, JOB, JOBS
from lsp.protocol import RequestFailed
from lsp.reviewing import Reviewing
from lsp.virtual import JobLogs
from server.errors import HiveError
from server.jobs.job import Event, EventType, Job, JobState, Progress
from server.reviews.finding import Finding, FindingStatus, Severity
from server.reviews.workflow import COMPLETION
from server.security.principal import Permission
from server.team.members import Member

ENDED_SHOWN = 20
"""Jobs that are over, besides those that are not."""

MAX_FINDINGS = 500
"""Of all open documents, so that listing them holds up nobody else; documents that were opened first come first."""

AT_EACH_PAUSE = frozenset({"review", COMPLETION})
"""The kinds of what is asked whenever typing pauses. Nobody wants to watch those."""


class JobRecords(JobLogs, Results, Protocol):
    """`server.jobs.views.JobViews`, as far as editors need it."""

    async def notable(self, project: str | None, *, ended: int) -> Sequence[Job]: ...


class AgentRecords(Protocol):
    """`server.team.members.Members`, as far as editors need it."""

    async def list(self) -> Sequence[Member]: ...


class Records(NamedTuple):
    jobs: JobRecords
    agents: AgentRecords


class ShownFinding(msgspec.Struct, frozen=True):
    """*origin* is who found it: the part of *rule* before its first dot. *fix* is the fix's title."""

    fingerprint: str
    rule: str
    origin: str
    severity: Severity
    message: str
    why: str
    cwe: int | None
    range: dict[str, Any]
    status: FindingStatus
    fix: str | None
    is_safe: bool


class ShownDocument(msgspec.Struct, frozen=True):
    uri: str
    version: int | None
    findings: list[ShownFinding]


class ShownJob(msgspec.Struct, frozen=True):
    """*workflow_id* is the job whose *step* it is. *error* is why it is dead."""

    id: UUID
    kind: str
    project: str
    state: JobState
    attempt: int
    requested_by: str
    workflow_id: UUID | None
    step: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ShownAgent(msgspec.Struct, frozen=True):
    name: str
    role: str | None
    state: str
    note: str
    queues: tuple[str, ...]
    running: int
    capacity: int
    silent_seconds: float | None


class JobNews(msgspec.Struct, frozen=True):
    """The params of `messages.JOB`. *progress* only where *type* is `progress`."""

    id: UUID
    kind: str
    project: str
    type: EventType
    message: str
    progress: Progress | None


class _WhichJob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: UUID


class Overview:
    """One client's. `handlers` holds what there is: without *records* nothing of jobs and agents."""

    def __init__(
        self,
        client: Client,
        *,
        documents: Mapping[str, Reviewing],
        jobs: EditorJobs,
        records: Records | None,
        notify: Callable[[str, Any], None],
    ) -> None:
        self.handlers: dict[str, Callable[[Any], Any]] = {FINDINGS: self._findings}
        if records is not None:
            self.handlers |= {
                JOBS: self._asked(self._list_jobs),
                CANCEL_JOB: self._asked(self._cancel),
            }
            if client.principal.project is None:  # who works there is of the whole hub, as in `server/api/routes.py`
                self.handlers[AGENTS] = self._asked(self._list_agents)
            self._records = records
        self._client = client
        self._documents = documents
        self._jobs = jobs
        self._notify = notify
        self._watches = False
        self._listed: frozenset[UUID] = frozenset()

    def heard(self, event: Event) -> None:
        """Something happened to a job. Told once the editor has asked for jobs, and not of what typing asks for."""
        if not self._watches or event.job_id is None or not self._client.principal.may_see(event.project):
            return
        if event.kind in AT_EACH_PAUSE and event.job_id not in self._listed:
            return
        progress = msgspec.json.decode(event.data, type=Progress) if event.type is EventType.PROGRESS else None
        news = JobNews(event.job_id, event.kind, event.project, event.type, event.message, progress)
        self._notify(JOB, msgspec.to_builtins(news))

    def _findings(self, _params: Any) -> dict[str, Any]:
        """Of every open document, dismissed ones too. *omitted*: how many there are besides."""
        room, omitted = MAX_FINDINGS, 0
        documents: list[ShownDocument] = []
        for reviewing in self._documents.values():
            found = (*reviewing.findings.open, *reviewing.findings.dismissed)
            if found and room:
                documents.append(_shown_document(reviewing, found[:room]))
            omitted += max(0, len(found) - room)
            room = max(0, room - len(found))
        return {"documents": msgspec.to_builtins(documents), "omitted": omitted}

    async def _list_jobs(self, _params: Any) -> dict[str, Any]:
        """What is not over, and the newest of what is; without what editors ask for by themselves."""
        self._watches = True
        found = await self._records.jobs.notable(self._client.principal.project, ended=ENDED_SHOWN)
        self._listed = frozenset(job.id for job in found)
        return {"jobs": msgspec.to_builtins([_shown_job(job) for job in found])}

    async def _list_agents(self, _params: Any) -> dict[str, Any]:
        agents = [_shown_agent(member) for member in await self._records.agents.list()]
        return {"agents": msgspec.to_builtins(agents)}

    async def _cancel(self, params: Any) -> None:
        """{id}: one of those that were listed. It ends a moment later."""
        wanted = _which_job(params)
        principal = self._client.principal
        if not principal.may(Permission.WRITE):
            raise NotPermitted("this key may not stop jobs", hint="use a key with the scope write")
        if wanted not in self._listed:
            raise RequestFailed("this job is not among those that were listed")
        await self._jobs.cancel(wanted, by=principal.name)

    def _asked(self, answer: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        async def answered(params: Any) -> Any:
            try:
                return await answer(params)
            except HiveError as error:
                raise RequestFailed(f"{error}. {error.hint}" if error.hint else str(error)) from error

        return answered


def _which_job(params: Any) -> UUID:
    try:
        return msgspec.convert(params, _WhichJob).id
    except msgspec.ValidationError as error:
        raise JsonRpcInvalidParams(f"{CANCEL_JOB}: {error}") from error


def _shown_document(reviewing: Reviewing, findings: Sequence[Finding]) -> ShownDocument:
    document = reviewing.document
    return ShownDocument(document.uri, document.version, [_shown_finding(finding, reviewing) for finding in findings])


def _shown_finding(finding: Finding, reviewing: Reviewing) -> ShownFinding:
    document = reviewing.document
    return ShownFinding(
        fingerprint=finding.fingerprint,
        rule=finding.rule,
        origin=finding.rule.partition(".")[0],
        severity=finding.severity,
        message=finding.message,
        why=finding.why,
        cwe=finding.cwe,
        range=_plain(range_of(document.lines, finding, document.encoding)),
        status=finding.status,
        fix=finding.fix.title if finding.fix else None,
        is_safe=finding.fix is not None and finding.fix.safe,
    )


def _plain(range_: types.Range) -> dict[str, Any]:
    return {
        name: {"line": position.line, "character": position.character}
        for name, position in (("start", range_.start), ("end", range_.end))
    }


def _shown_job(job: Job) -> ShownJob:
    return ShownJob(
        id=job.id,
        kind=job.kind,
        project=job.project,
        state=job.state,
        attempt=job.attempt,
        requested_by=job.requested_by,
        workflow_id=job.workflow_id,
        step=job.step,
        error=job.error,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _shown_agent(member: Member) -> ShownAgent:
    return ShownAgent(
        name=member.name,
        role=member.role,
        state=member.state.value,
        note=member.note,
        queues=member.queues,
        running=member.held,
        capacity=member.capacity,
        silent_seconds=member.silent_seconds,
    )
