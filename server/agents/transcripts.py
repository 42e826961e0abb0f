"""What jobs asked of a model and of their tools, in Postgres: sums in the clear, what was said sealed.

The hub's side of `conversation.py`: the orchestrator writes what agents tell, and answers what is left of the budgets.
Knows no model.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.agents.budget import BUDGET, BudgetAsked, Left, Limits
from server.agents.call import CallTold, Record
from server.agents.model import Usage
from server.agents.money import MICRODOLLARS
from server.agents.prices import facts_of
from server.db import Queries
from server.messaging import Message, Role, Route, inbox
from server.security.at_rest import AtRest

KEEP_RECORDS_SECONDS = 30 * 86400.0
"""As long as jobs are kept."""
KEEP_CALLS_SECONDS = 400 * 86400.0
FORGOTTEN_AT_ONCE = 5000
USAGE_ROWS = 2000


CountCall = Callable[[str, str, Mapping[str, int], float], None]


class KeptCall(msgspec.Struct, frozen=True):
    """*is_kept*: what was said in it can still be read."""

    attempt: int
    number: int
    what: Literal["model", "tool"]
    name: str
    at: datetime
    seconds: float
    usage: Usage
    cost_microdollars: int
    error: str
    is_kept: bool


class UsageRow(msgspec.Struct, frozen=True):
    """One day (UTC) of one project with one model."""

    day: date
    project: str
    model: str
    calls: int
    jobs: int
    usage: Usage
    cost_microdollars: int


class Transcripts:
    """*views* can only read. *count*: is told each model's call: the model, how it ended, tokens by type, dollars."""

    def __init__(
        self, pool: Pool, views: Pool, seal: AtRest, limits: Limits, *, count: CountCall | None = None
    ) -> None:
        self._count = count
        self._pool = pool
        self._views = views
        self._seal = seal
        self._limits = limits
        self._sql = Queries.load("server.agents", "transcripts.sql")

    async def hear_calls(self, sender: Role, bodies: Sequence[bytes]) -> Sequence[tuple[Route, Message]]:
        """Agents told of calls that ended. Raises `msgspec.MsgspecError` for what is none."""
        calls = [_decode_call(body) for body in bodies]
        if sender is Role.AGENT and calls:
            sealed = await asyncio.to_thread(lambda: [self._sealed(call) for call in calls])
            rows = [_row(call, bytes_) for call, bytes_ in zip(calls, sealed, strict=True)]
            await self._pool.executemany(self._sql.keep, rows)
            for call in calls:
                self._note(call)
        return ()

    async def tell_budgets(self, sender: Role, bodies: Sequence[bytes]) -> Sequence[tuple[Route, Message]]:
        """Agents asked what is left; the answers, for who holds the attempts."""
        answers: list[tuple[Route, Message]] = []
        for body in bodies if sender is Role.AGENT else ():
            asked = msgspec.json.decode(body, type=BudgetAsked)
            row = await self._pool.fetchrow(self._sql.spent, asked.job_id, asked.attempt)
            if row is not None:
                left = Left(
                    asked.job_id,
                    asked.attempt,
                    job=max(0, self._limits.job - row["job"]),
                    project_day=max(0, self._limits.project_day - row["project_day"]),
                    day=max(0, self._limits.day - row["day"]),
                )
                message = Message(BUDGET, msgspec.json.encode(left), tenant=row["project"], job_id=asked.job_id)
                answers.append((inbox(sender, row["agent_id"]), message))
        return answers

    async def calls(self, job_id: UUID) -> list[KeptCall]:
        """Of all attempts, in order."""
        return [_kept(dict(row)) for row in await self._views.fetch(self._sql.list_calls, job_id)]

    async def records(self, job_id: UUID, attempt: int | None = None) -> dict[int, Record]:
        """What was said in the attempt, by the calls' numbers; None: in the last that has any. Raises `SealBroken`."""
        rows = await self._views.fetch(self._sql.read_records, job_id, attempt)

        def opened() -> dict[int, Record]:
            places = {row["number"]: _place(job_id, row["attempt"], row["number"]) for row in rows}
            plain = {row["number"]: self._seal.open(row["sealed"], places[row["number"]]) for row in rows}
            return {number: msgspec.json.decode(text, type=Record) for number, text in plain.items()}

        return await asyncio.to_thread(opened)

    async def usage(self, *, days: int, project: str | None = None) -> list[UsageRow]:
        """The newest first, within a day the dearest; today counts as one of *days*."""
        rows = await self._views.fetch(self._sql.usage, days, project, USAGE_ROWS)
        return [msgspec.convert(_with_usage(dict(row)), UsageRow) for row in rows]

    async def costs(self, job_ids: Sequence[UUID]) -> dict[UUID, int]:
        """In microdollars, of those that asked a model."""
        rows = await self._views.fetch(self._sql.costs, job_ids)
        return {row["job_id"]: row["cost_microdollars"] for row in rows}

    @property
    def limits(self) -> Limits:
        return self._limits

    async def forget(self) -> None:
        """Retention."""
        await self._pool.execute(self._sql.forget_records, KEEP_RECORDS_SECONDS, FORGOTTEN_AT_ONCE)
        await self._pool.execute(self._sql.forget_calls, KEEP_CALLS_SECONDS, FORGOTTEN_AT_ONCE)

    def _note(self, call: CallTold) -> None:
        """A name that somebody made up gets no series of its own."""
        if self._count is not None and call.what == "model":
            name = call.name if facts_of(call.name).is_known else "other"
            outcome = call.error.partition(":")[0] if call.error else "replied"
            tokens: dict[str, int] = msgspec.to_builtins(call.usage)
            self._count(
                name, outcome if outcome in _OUTCOMES else "failed", tokens, call.cost_microdollars / MICRODOLLARS
            )

    def _sealed(self, call: CallTold) -> bytes:
        return self._seal.seal(bytes(call.record), _place(call.job_id, call.attempt, call.number))


_OUTCOMES = ("replied", "ModelAway", "ModelRefused", "ReplyCutOff", "AskInvalid", "Cancelled")

_decode_call = msgspec.json.Decoder(CallTold).decode


def _place(job_id: UUID, attempt: int, number: int) -> str:
    return f"call:{job_id}:{attempt}:{number}"


def _row(call: CallTold, sealed: bytes) -> tuple[object, ...]:
    usage = call.usage
    tokens = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    named = (call.job_id, call.attempt, call.number, call.what, call.name, call.seconds)
    return (*named, *tokens, call.cost_microdollars, call.error, sealed)


def _with_usage(row: dict[str, object]) -> dict[str, object]:
    return row | {"usage": {name: row.pop(name) for name in Usage.__struct_fields__}}


def _kept(row: dict[str, object]) -> KeptCall:
    return msgspec.convert(_with_usage(row), KeptCall)


def totals(rows: Sequence[KeptCall] | Sequence[UsageRow]) -> Mapping[str, int]:
    """Tokens and cost of all of them together."""
    whole: dict[str, int] = msgspec.to_builtins(sum((row.usage for row in rows), Usage()))
    return whole | {"cost_microdollars": sum(row.cost_microdollars for row in rows)}
