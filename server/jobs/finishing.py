"""Write how attempts ended. An outcome of an attempt that is not the current one is dropped.

What follows for workflows and lines is `consequences.py`'s.
"""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.db import Connection, Queries
from server.jobs.changes import Changes, Lasted, event_of
from server.jobs.consequences import Consequences
from server.jobs.job import NULL, Event, EventType, JobState
from server.jobs.record import args_of
from server.jobs.wire import MAX_RESULT_BYTES, Outcome, OutcomeType
from server.jobs.workflows import Workflows
from server.messaging import Role

OnSucceeded: TypeAlias = Callable[[Connection, Record, bytes], Awaitable[bytes]]
"""Takes note of a job's result (JSON) in the transaction that finishes it; answers with the result to keep. The record
has the job's id, kind, project, workflow_id, step and args (JSON).

Raises ValueError, before it touches the database, for a result that must not be kept: the job is then dead."""


class Reported(NamedTuple):
    agent_id: UUID
    outcome: Outcome


class Finishing:
    def __init__(
        self,
        sql: Queries,
        *,
        workflows: Workflows,
        consequences: Consequences,
        on_succeeded: Mapping[str, OnSucceeded],
    ) -> None:
        self._sql = sql
        self._workflows = workflows
        self._consequences = consequences
        self._on_succeeded = on_succeeded
        self._noted_kinds = list(on_succeeded)

    async def succeed(
        self, connection: "Connection | Pool", reported: Sequence[Reported], role: Role | None, changes: Changes
    ) -> Sequence[Reported]:
        """By one statement those that succeeded and that nothing follows. Answers with the others."""
        plain = [one for one in reported if self._is_plain(one.outcome)]
        if not plain:
            return reported
        rows = await connection.fetch(
            self._sql.succeed_jobs,
            [outcome.job_id for _, outcome in plain],
            [outcome.attempt for _, outcome in plain],
            [bytes(outcome.result) for _, outcome in plain],
            [agent_id for agent_id, _ in plain],
            self._noted_kinds,
            _are_effects(role),
        )
        for place, kind, project, slot, ran in rows:
            agent_id, outcome = plain[place - 1]
            changes.events.append(
                Event(EventType.SUCCEEDED, project, outcome.job_id, kind, outcome.attempt, data=outcome.result)
            )
            changes.ran.append(Lasted(kind, ran))
            changes.ended[agent_id] += 1
            if slot is not None:
                changes.freed_slots.add(slot)
        if len(rows) == len(reported):
            return []
        ended = {id(plain[row["place"] - 1]) for row in rows}
        return [one for one in reported if id(one) not in ended]

    def _is_plain(self, outcome: Outcome) -> bool:
        return (
            outcome.type is OutcomeType.SUCCEEDED
            and outcome.kind not in self._noted_kinds
            and len(outcome.result) <= MAX_RESULT_BYTES
        )

    async def finish(
        self, connection: Connection, reported: Sequence[Reported], role: Role | None, changes: Changes
    ) -> None:
        """However they ended: also those whose result somebody takes note of, and the steps of workflows.

        Nobody ends what is for another *role* to run (None: whoever may): agents read hostile code, and effects act.
        """
        told = {(one.outcome.job_id, one.outcome.attempt): one for one in reported}  # the same one may come twice
        current = await connection.fetch(
            self._sql.fence_outcomes,
            [job_id for job_id, _ in told],
            [attempt for _, attempt in told],
            _are_effects(role),
        )
        ended = [(row, *told[row["id"], row["attempt"]]) for row in current]
        typed = {
            o.job_id: bytes(o.result) for row, _, o in ended if row["workflow_id"] and o.type is OutcomeType.SUCCEEDED
        }
        misfits = await self._workflows.refusals(connection, typed)
        kept = [
            Reported(
                agent_id,
                refused(outcome, misfits[row["id"]])
                if row["id"] in misfits
                else await self._noted(connection, row, outcome),
            )
            for row, agent_id, outcome in ended
        ]
        rows = await self._write(connection, kept, role, changes)
        await self._consequences.follow(connection, rows, changes)

    async def _noted(self, connection: Connection, row: Record, outcome: Outcome) -> Outcome:
        """The outcome with the result that is kept; given up when its result is refused."""
        note = self._on_succeeded.get(row["kind"])
        if outcome.type is not OutcomeType.SUCCEEDED or note is None or len(outcome.result) > MAX_RESULT_BYTES:
            return outcome
        try:
            result = await note(connection, {**row, "args": args_of(row["accepted"])}, bytes(outcome.result))
        except (ValueError, msgspec.MsgspecError) as refusal:
            return refused(outcome, str(refusal))
        return msgspec.structs.replace(outcome, result=msgspec.Raw(result))

    async def _write(
        self,
        connection: Connection,
        reported: Sequence[Reported],
        role: Role | None,
        changes: Changes,
    ) -> Sequence[Record]:
        if not reported:
            return []
        outcomes = [o if len(o.result) <= MAX_RESULT_BYTES else refused(o, "too large") for _, o in reported]
        rows: Sequence[Record] = await connection.fetch(
            self._sql.finish_jobs,
            [o.job_id for o in outcomes],
            [o.attempt for o in outcomes],
            [_REFUSED if o.error_class == _REFUSED else o.type for o in outcomes],
            [bytes(o.result) if o.type is OutcomeType.SUCCEEDED else None for o in outcomes],
            [o.error or None for o in outcomes],
            [o.error_class or None for o in outcomes],
            [o.snooze_seconds for o in outcomes],
            [random.uniform(0.5, 1.0) for _ in outcomes],  # noqa: S311 - spreads load, guards nothing
            [agent_id for agent_id, _ in reported],
            _are_effects(role),
        )
        for row in rows:
            type_ = _EVENT_OF[row["state"], row["outcome"]]
            outcome = outcomes[row["place"] - 1]
            result = bytes(outcome.result) if type_ is EventType.SUCCEEDED else None
            changes.events.append(event_of(row, type_, row["error"] or "", result))
            changes.ran.append(Lasted(row["kind"], row["ran"]))
            changes.ended[reported[row["place"] - 1].agent_id] += 1
            if row["delay"] is not None:
                changes.waits_seconds.append(row["delay"])
            if row["slot"] is not None:
                changes.freed_slots.add(row["slot"])
        return rows


def refused(outcome: Outcome, why: str) -> Outcome:
    """The attempt is over, and its job dead: what it came back with would come again."""
    return msgspec.structs.replace(
        outcome, type=OutcomeType.GAVE_UP, result=NULL, error=f"result refused: {why}", error_class=_REFUSED
    )


def _are_effects(role: Role | None) -> bool | None:
    return None if role is None else role is Role.EFFECTS


_REFUSED = "refused"
_EVENT_OF: dict[tuple[str, str], EventType] = {
    (JobState.SUCCEEDED, OutcomeType.SUCCEEDED): EventType.SUCCEEDED,
    (JobState.QUEUED, OutcomeType.FAILED): EventType.RETRY,
    (JobState.QUEUED, OutcomeType.SNOOZED): EventType.SNOOZED,
    (JobState.DEAD, OutcomeType.FAILED): EventType.DEAD,
    (JobState.DEAD, OutcomeType.GAVE_UP): EventType.DEAD,
    (JobState.DEAD, _REFUSED): EventType.DEAD,
}
