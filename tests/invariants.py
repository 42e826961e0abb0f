"""What has to be true after everything: nothing lost, nothing doubled, nothing left lying about.

Looks at the events, at the tables, at Redis and at what the agents wrote down, and trusts none of them alone. Knows
nothing of faults; whoever injected some calls it when all has ended.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from redis.asyncio import Redis

from server.jobs.job import EventType, JobState
from server.jobs.kinds import Kinds
from server.jobs.line import SUSPECTS
from server.jobs.projections import replay
from server.jobs.record import Accepted
from server.jobs.replay import JOBS, WORKFLOWS
from server.messaging import EVENTS, INTAKE, OUTCOMES

SHOWN = 20
"""Of many violations the first ones tell it all."""

NO_END = -1
"""What Redis says of a key that does not leave by itself."""

_TRIED_AGAIN = frozenset({EventType.RETRY, EventType.CRASHED, EventType.LOST, EventType.SNOOZED})
_LIVE = (JobState.WAITING, JobState.QUEUED, JobState.RUNNING)

MOVES: Mapping[tuple[JobState, EventType], JobState] = {
    (JobState.WAITING, EventType.RELEASED): JobState.QUEUED,
    (JobState.QUEUED, EventType.STARTED): JobState.RUNNING,
    (JobState.RUNNING, EventType.SUCCEEDED): JobState.SUCCEEDED,
    **{(JobState.RUNNING, type_): JobState.QUEUED for type_ in _TRIED_AGAIN},
    **{(state, EventType.DEAD): JobState.DEAD for state in _LIVE},
    **{
        (state, type_): JobState.CANCELLED
        for state in _LIVE
        for type_ in (EventType.CANCELLED, EventType.SUPERSEDED, EventType.EXPIRED)
    },
    (JobState.DEAD, EventType.DISCARDED): JobState.CANCELLED,
}
"""Every move that the events of a job may make, but for `retried`, which depends on what the job is."""


@dataclass
class History:
    """A job as its events tell it."""

    id: UUID
    kind: str
    project: str
    queue: str
    state: JobState
    slot: str | None
    attempt: int = 0
    failures: int = 0
    crashes: int = 0
    ended: EventType | None = None
    result: bytes | None = None
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.own_slot = self.slot
        """Its kind's, which it has again when a person retries it after crashes."""

    def tell(self, event: asyncpg.Record) -> None:
        type_, attempt = EventType(event["type"]), event["attempt"]
        if type_ is EventType.RETRIED:
            self._begin_again()
            self.slot = self.own_slot
            return
        move = MOVES.get((self.state, type_))
        if move is None:
            self.wrong.append(f"{type_} while it was {self.state}")
            return
        if type_ is EventType.STARTED and attempt != self.attempt + 1:
            self.wrong.append(f"attempt {attempt} started after attempt {self.attempt}")
        if type_ in (*_TRIED_AGAIN, EventType.SUCCEEDED) and attempt != self.attempt:
            self.wrong.append(f"{type_} of attempt {attempt} while attempt {self.attempt} ran")
        if move is JobState.SUCCEEDED:
            self.result = event["data"]
        cause = msgspec.json.decode(event["data"])["cause"] if type_ is EventType.DEAD and event["data"] else None
        self.failures += type_ is EventType.RETRY or cause == "failed"
        self.crashes += type_ is EventType.CRASHED or cause == "crashed"
        if type_ is EventType.CRASHED:
            self.slot = SUSPECTS + self.queue
        self.attempt = attempt if type_ is EventType.STARTED else self.attempt
        self.state = move
        self.ended = type_ if type_.is_final else None

    def _begin_again(self) -> None:
        if self.state is JobState.DEAD:
            self.state = JobState.QUEUED if self.queue else JobState.RUNNING
            self.failures = self.crashes = 0
        elif self.state is JobState.CANCELLED:  # a step of a workflow that goes on
            self.state = JobState.WAITING
        else:
            self.wrong.append(f"retried while it was {self.state}")
        self.ended = None


@dataclass
class Limits:
    """How many run under each limit, by the events in their order. A suspect counts under that of its kind, too."""

    kinds: Kinds
    running: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def move(self, history: History, before: JobState, slot: str | None) -> None:
        """*slot*: the one that it had before."""
        if slot is None or (before is JobState.RUNNING) == (history.state is JobState.RUNNING):
            return
        step = 1 if history.state is JobState.RUNNING else -1
        for limited in {slot, self.kinds.get(history.kind).slot or slot}:
            in_all, per_project = self._limits(limited)
            for place, limit in (("", in_all), (history.project, per_project)):
                self.running[limited, place] += step
                if limit is not None and self.running[limited, place] > limit:
                    self.wrong.append(f"{self.running[limited, place]} of {limited} {place} ran at once")

    def _limits(self, slot: str) -> tuple[int | None, int | None]:
        if slot.startswith(SUSPECTS):
            return 1, None
        kind = self.kinds.get(slot)
        return kind.max_running, kind.max_running_per_project


async def violations(
    database: asyncpg.Connection,
    kinds: Kinds,
    *,
    asked: Mapping[UUID, frozenset[EventType]],
    diary: Callable[[str], Sequence[Sequence[str]]],
) -> list[str]:
    """What is not as it must be, in words; [] when all is well. Of Redis see `left_in_redis`.

    *asked*: how each job that was asked for may have ended. *diary*: what the agents wrote down, by its first word.
    """
    histories, found = await _histories(database, kinds)
    found += _ends(histories, asked)
    found += [f"{h.kind} {h.id}: {what}" for h in histories.values() for what in h.wrong]
    found += await _rows_that_differ(database, histories)
    found += await _left_in_tables(database)
    found += _doubled(histories, diary)
    found += await _replayed_otherwise(database)
    return found


async def _histories(database: asyncpg.Connection, kinds: Kinds) -> tuple[dict[UUID, History], list[str]]:
    histories: dict[UUID, History] = {}
    limits = Limits(kinds)
    found: list[str] = []
    async for event in _events(database):
        history = histories.get(event["job_id"])
        if event["type"] == EventType.ACCEPTED:
            if history is not None:
                found.append(f"{history.kind} {history.id} was accepted twice")
            accepted = msgspec.json.decode(event["data"], type=Accepted)
            histories[accepted.id] = History(
                accepted.id, accepted.kind, accepted.project, accepted.queue, accepted.state, accepted.slot
            )
        elif history is None:
            found.append(f"{event['type']} of {event['job_id']}, which was never accepted")
        else:
            before, slot = history.state, history.slot
            history.tell(event)
            limits.move(history, before, slot)
    return histories, found + limits.wrong


async def _events(database: asyncpg.Connection) -> AsyncIterator[asyncpg.Record]:
    async with database.transaction(readonly=True):
        async for event in database.cursor("select * from job_events order by seq", prefetch=5000):
            yield event


def _ends(histories: Mapping[UUID, History], asked: Mapping[UUID, frozenset[EventType]]) -> Iterator[str]:
    for job_id, ends in asked.items():
        history = histories.get(job_id)
        if history is None:
            yield f"{job_id} was lost: it was asked for and never accepted"
        elif history.ended not in ends:
            yield f"{history.kind} {job_id} ended as {history.ended}, not as {' or '.join(ends)}"
    for history in histories.values():
        if history.ended is None:
            yield f"{history.kind} {history.id} has not ended: {history.state}"


async def _rows_that_differ(database: asyncpg.Connection, histories: Mapping[UUID, History]) -> list[str]:
    found = []
    rows = await database.fetch("select id, kind, state, attempt, failures, crashes from jobs")
    for row in rows:
        history = histories.get(row["id"])
        if history is None:
            found.append(f"{row['kind']} {row['id']} has no events")
            continue
        told = (history.state, history.attempt, history.failures, history.crashes)
        stands = (row["state"], row["attempt"], row["failures"], row["crashes"])
        if told != stands:
            found.append(f"{row['kind']} {row['id']} is {stands}; its events say {told}")
    missing = histories.keys() - {row["id"] for row in rows}
    return found + [f"{histories[job_id].kind} {job_id} has events and no row" for job_id in missing]


async def _left_in_tables(database: asyncpg.Connection) -> list[str]:
    left = await database.fetch(
        "select id, kind, state from jobs where agent_id is not null or turn is not null or held or finished_at is null"
    )
    return [f"{row['kind']} {row['id']} is {row['state']} and still has a place" for row in left]


async def _replayed_otherwise(database: asyncpg.Connection) -> list[str]:
    found = []
    for comparison in await replay(database, [JOBS, WORKFLOWS]):
        found += [f"events of {comparison.table}: {what}" for what in comparison.first_impossible]
        found += [f"{comparison.table} replayed: {difference}" for difference in comparison.differences]
        if not comparison.is_equal:
            found.append(f"{comparison.table} is not what its events make of it")
    return found


async def left_in_redis(redis: Redis, *, gone: Collection[str], buried: tuple[int, int]) -> list[str]:
    """What somebody still has to take; [] when nothing is under way.

    *gone*: the inboxes of agents that have ended. *buried*: how many messages nobody could
    open, at least and at most; one may be put aside twice, when who did it stood still meanwhile.
    """
    found = []
    dead: Counter[tuple[bytes, bytes]] = Counter()
    async for key in redis.scan_iter("hive:*", _type="stream"):
        name = key.decode()
        if name.endswith(":dead"):
            letters: Any = await redis.xrange(key)
            dead.update((fields[b"stream"], fields[b"entry"]) for _, fields in letters)
        elif name in gone:
            if await redis.ttl(key) == NO_END:
                found.append(f"{name} stays in Redis for ever, though its agent has ended")
        elif name != EVENTS.key and (length := await redis.xlen(key)):
            found.append(f"{length} entries are left in {name}")
    for route in (INTAKE, OUTCOMES):
        if await redis.exists(route.key):
            groups = await redis.xinfo_groups(route.key)
            found += [f"{group['pending']} are pending in {route.key}" for group in groups if group["pending"]]
    at_least, at_most = buried
    if len(dead) > at_most or dead.total() < at_least:
        found.append(f"{dead.total()} messages could not be opened; {at_most} were sent to be so")
    return found


def _doubled(histories: Mapping[UUID, History], diary: Callable[[str], Sequence[Sequence[str]]]) -> Iterator[str]:
    for (job_id, attempt), times in _counted(diary("began")).items():
        if times > 1:
            yield f"attempt {attempt} of {job_id} was begun {times} times"
    did = _counted(diary("did"))
    posts = Counter(UUID(job_id) for (job_id,) in diary("posted"))
    for history in histories.values():
        if history.state is JobState.SUCCEEDED and history.queue:
            result = msgspec.json.decode(history.result or b"null") or {}
            if result.get("job_id") != str(history.id) or result.get("attempt") != history.attempt:
                yield f"{history.kind} {history.id} has the result {result}, and attempt {history.attempt} was its last"
            elif did[str(history.id), str(history.attempt)] != 1:
                yield f"{history.kind} {history.id} succeeded, but attempt {history.attempt} never did its work"
        done, succeeded = posts[history.id], history.state is JobState.SUCCEEDED
        if history.kind == "post" and (done > 1 or done < succeeded):
            yield f"post {history.id} is {history.state} and was done {done} times"


def _counted(lines: Sequence[Sequence[str]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words) for words in lines)


def in_words(found: Sequence[str]) -> str:
    by_kind: dict[str, int] = defaultdict(int)
    for each in found:
        by_kind[each.split()[0]] += 1
    shown = "\n  ".join(found[:SHOWN])
    return f"{len(found)} violations ({dict(by_kind)}):\n  {shown}"
