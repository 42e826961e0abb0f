"""The jobs that editors asked for, and who hears how each of them goes.

One listener at the door for all sessions. Decides nothing about documents: `reviewing.py` and `commands.py` do.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from lsp.workspace import Place
from server.errors import HiveError
from server.jobs.job import Event, EventType, FindingsChanged, JobRequest, Priority, Progress, encode
from server.reviews.asks import CompletionWish
from server.reviews.snapshot import Snapshot, SourceFile
from server.reviews.workflow import COMPLETION
from server.security.principal import Permission, Principal

COMPLETION_TTL_SECONDS = 5.0
"""Until an agent has begun."""


class NotPermitted(HiveError):
    """The key that the editor showed does not allow this."""


class Door(Protocol):
    """`server.jobs.door.Door`, as far as editors need it."""

    async def submit(self, request: JobRequest) -> UUID: ...

    async def cancel(self, job_ids: Sequence[UUID], *, by: str) -> None: ...

    def listen(self, callback: Callable[[Event], None]) -> Callable[[], None]: ...


class EditorJob:
    """A job under way. *final* gets its last event; `forget` when nobody waits for that any more."""

    def __init__(
        self, job_id: UUID, waiting: dict[UUID, "EditorJob"], on_progress: Callable[[Progress], None] | None
    ) -> None:
        self.id = job_id
        self.final: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self._on_progress = on_progress
        waiting[job_id] = self

    def hear(self, event: Event) -> None:
        if event.type is EventType.PROGRESS and self._on_progress is not None:
            self._on_progress(msgspec.json.decode(event.data, type=Progress))
        elif event.type.is_final:
            self.forget()
            if not self.final.done():
                self.final.set_result(event)

    def forget(self) -> None:
        self._waiting.pop(self.id, None)


class EditorJobs:
    def __init__(
        self,
        door: Door,
        on_findings_changed: Callable[[str, FindingsChanged], None],
        on_event: Callable[[Event], None],
    ) -> None:
        """*on_findings_changed* gets the project and what changed in it; *on_event* whatever happens to any job."""
        self._door = door
        self._on_findings_changed = on_findings_changed
        self._on_event = on_event
        self._waiting: dict[UUID, EditorJob] = {}
        self._unlisten = door.listen(self._hear)

    def close(self) -> None:
        self._unlisten()

    async def submit(self, request: JobRequest, on_progress: Callable[[Progress], None] | None = None) -> EditorJob:
        """Returns when the request is durable. Raises `RedisUnavailable`."""
        job = EditorJob(request.id, self._waiting, on_progress)  # first: its end may be heard before the door returns
        try:
            await self._door.submit(request)
        except BaseException:
            job.forget()
            raise
        return job

    def follow(self, job_id: UUID, on_progress: Callable[[Progress], None]) -> EditorJob:
        """One that was submitted before. It may have ended already."""
        return EditorJob(job_id, self._waiting, on_progress)

    async def cancel(self, job_id: UUID, *, by: str) -> None:
        await self._door.cancel([job_id], by=by)

    def _hear(self, event: Event) -> None:
        if event.type is EventType.FINDINGS_CHANGED:
            self._on_findings_changed(event.project, msgspec.json.decode(event.data, type=FindingsChanged))
            return
        self._on_event(event)
        if event.job_id is not None and (job := self._waiting.get(event.job_id)) is not None:
            job.hear(event)


def review_request(place: Place, text: str, *, group: str, principal: Principal) -> JobRequest:
    """A quick review of one file as the editor has it. A newer one of the same *group* supersedes it.

    Raises `NotPermitted` when *principal* may not ask for one.
    """
    files = (SourceFile(place.path, text),)
    return snapshot_request(
        Snapshot(place.project, files, alone=place.root_uri is not None), group=group, principal=principal
    )


def asked_request(
    kind: str, project: str, body: Any, *, principal: Principal, priority: Priority = Priority.PULL_REQUEST
) -> JobRequest:
    """What a person asks of a model, and waits for with patience. Raises `NotPermitted`."""
    _refuse_stranger(project, principal)
    return JobRequest(kind, project, encode(body), priority=priority, requested_by=principal.name)


def completion_request(project: str, wish: CompletionWish, *, group: str, principal: Principal) -> JobRequest:
    """What comes next at a cursor: of no use when it does not begin at once. Raises `NotPermitted`."""
    _refuse_stranger(project, principal)
    return JobRequest(
        COMPLETION,
        project,
        encode(wish),
        priority=Priority.INTERACTIVE,
        concurrency_group=_group(group),
        ttl_seconds=COMPLETION_TTL_SECONDS,
        requested_by=principal.name,
    )


def snapshot_request(snapshot: Snapshot, *, group: str, principal: Principal) -> JobRequest:
    """As `review_request`, of all that is in *snapshot*."""
    _refuse_stranger(snapshot.project, principal)
    return JobRequest(
        kind="review",
        project=snapshot.project,
        args=encode(snapshot),
        priority=Priority.INTERACTIVE,
        concurrency_group=_group(group),
        requested_by=principal.name,
    )


def _group(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()  # a document's URI may be of any length


def _refuse_stranger(project: str, principal: Principal) -> None:
    if not principal.may(Permission.WRITE):
        raise NotPermitted("this key may not ask for reviews", hint="use a key with the scope write")
    if not principal.may_see(project):
        raise NotPermitted(f"this key does not belong to {project}", hint="use a key of that project")
