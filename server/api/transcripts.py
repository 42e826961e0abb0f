"""`/api/v1/jobs/{id}/transcript` and `/api/v1/usage`: what jobs asked of a model, what it said, and what it cost."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from server.agents.budget import Limits
from server.agents.call import Record
from server.agents.transcripts import KeptCall, UsageRow, totals
from server.api.jobs import visible_job
from server.api.reading import Line
from server.api.route import Call


class TranscriptQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*attempt*: of which the words are wanted; without it, of the last that has any."""

    attempt: Annotated[int, msgspec.Meta(ge=1, lt=2**31)] | None = None


class Transcript(msgspec.Struct, frozen=True):
    """*calls*: of all attempts. *records*: by number, what was said in those of *attempt*, without credentials.

    A record says what is new since the call that it names as its base. *totals*: tokens and cost of all attempts.
    """

    job_id: UUID
    attempt: int | None
    calls: Sequence[KeptCall]
    records: Mapping[int, Record]
    totals: Mapping[str, int]


class UsageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*days*: today is one of them; days are UTC's."""

    days: Annotated[int, msgspec.Meta(ge=1, le=400)] = 30
    project: Line | None = None


class UsageReport(msgspec.Struct, frozen=True):
    """*limits*: the budgets of a job, of a project's day and of all of a day. Costs are in millionths of a dollar."""

    since_days: int
    rows: Sequence[UsageRow]
    totals: Mapping[str, int]
    by_day: Mapping[date, int]
    limits: Limits


async def get_transcript(call: Call[TranscriptQuery, None]) -> Transcript:
    """A job that asked no model has an empty one."""
    job = await visible_job(call)
    kept = call.parts.transcripts
    calls = await kept.calls(job.id)
    attempt = call.query.attempt or max((one.attempt for one in calls if one.is_kept), default=None)
    records = await kept.records(job.id, attempt) if attempt is not None else {}
    return Transcript(job.id, attempt, calls, records, totals(calls))


async def get_usage(call: Call[UsageQuery, None]) -> UsageReport:
    """Of the key's project, or of all."""
    rows = await call.parts.transcripts.usage(days=call.query.days, project=call.within(call.query.project))
    by_day: dict[date, int] = {}
    for row in rows:
        by_day[row.day] = by_day.get(row.day, 0) + row.cost_microdollars
    return UsageReport(call.query.days, rows, totals(rows), by_day, call.parts.transcripts.limits)
