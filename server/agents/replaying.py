"""Do a job again with what was said then, and compare: was it the code that changed its mind, or the model?

Reads the database, writes nothing, asks nobody.
"""

import difflib
from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.agents.call import ModelRecord
from server.agents.recorded import RecordedConversation
from server.agents.transcripts import Transcripts
from server.db import Queries
from server.errors import HiveError
from server.jobs.job import GiveUp, JobNotFound
from server.jobs.record import args_of
from server.jobs.step_job import StepJob
from server.jobs.step_results import read_results
from server.jobs.worker import Work

LINES_SHOWN = 40


class NothingToReplay(HiveError):
    """The job asked no model, or what was said is forgotten."""


class Replayed(msgspec.Struct, frozen=True):
    """*differences*: lines of a diff of the results, or what went differently; none when all is the same."""

    job_id: UUID
    kind: str
    attempt: int
    calls: int
    differences: tuple[str, ...]


async def replay(pool: Pool, transcripts: Transcripts, job_id: UUID) -> Replayed:
    """Of the last attempt whose words are kept. Raises `JobNotFound`, `NothingToReplay`, `SealBroken`."""
    from server.agents.minds import MINDS, preload  # all that thinks: only a replay needs it in this process

    sql = Queries.load("server.agents", "transcripts.sql")
    row = await pool.fetchrow(sql.read_job, job_id)
    if row is None:
        raise JobNotFound(f"there is no job {job_id}", hint="finished jobs are kept for 30 days")
    kept = [call for call in await transcripts.calls(job_id) if call.is_kept]
    if not kept or row["kind"] not in MINDS:
        raise NothingToReplay(f"the job {job_id} ({row['kind']}) asked no model, or what was said is forgotten")
    attempt = max(call.attempt for call in kept)
    records = await transcripts.records(job_id, attempt)
    errors = {call.number: call.error for call in kept if call.attempt == attempt and call.error}
    conversation = RecordedConversation(records, errors)
    needs = [(row["workflow_id"], need) for need in row["needs"]]
    results = await read_results(pool, Queries.load("server.jobs", "workflows.sql"), needs)
    work = Work(
        job_id=job_id,
        kind=row["kind"],
        project=row["project"],
        attempt=attempt,
        args=bytes(args_of(row["accepted"])),
        inputs={StepJob.parse(need).step: bytes(result) for (_, need), result in results.items()},
        progress=_silent,
    )
    preload()
    try:
        came = _lines(msgspec.json.encode(await MINDS[work.kind](work, conversation)))
    except (HiveError, GiveUp) as error:
        came = [f"{type(error).__name__}: {error}"]
    then = _lines(row["result"]) if row["result"] is not None else [row["error"] or "no result"]
    differences = _differences(then, came)
    differences += [f"call {number} was not made again" for number in conversation.unasked]
    calls = sum(isinstance(record, ModelRecord) for record in records.values())
    return Replayed(job_id, work.kind, attempt, calls, tuple(differences))


def _silent(done: int, total: int, note: str = "") -> None:
    """Nobody waits for it."""


def _lines(result: bytes) -> list[str]:
    value = msgspec.json.decode(result)
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1).decode().splitlines()


def _differences(then: Sequence[str], now: Sequence[str]) -> list[str]:
    changed = list(difflib.unified_diff(then, now, "then", "now", lineterm="", n=1))
    more = len(changed) - LINES_SHOWN
    return changed[:LINES_SHOWN] + ([f"and {more} more lines"] if more > 0 else [])
