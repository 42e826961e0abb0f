"""Ask GitHub once more for deliveries that never came: its own log is held against what is recorded here.

GitHub never repeats a delivery by itself. What comes again has the same GUID, so it goes through the door as ever.
A look that fails is not tried again: the next one begins where the last good one ended.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.db import Queries
from server.effects.api import GitHubRefused, GitHubUnavailable, read_answer
from server.effects.app import GitHubApp
from server.effects.ledger import Ledger
from server.jobs.job import Snooze

GRACE = timedelta(minutes=2)
"""Younger ones may be on their way still."""

OVERLAP = timedelta(minutes=10)
"""By which each look begins before the end of the last: the log is not written at once."""

FIRST_LOOK = timedelta(hours=1)
"""How far back who has never looked begins: what came before, another hub may have had."""

KEPT = timedelta(days=3)
"""For how long GitHub delivers again. https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks"""

MAX_PAGES = 100
MAX_ASKED = 50
"""In one look: what is left over is asked for in the next."""

LOG = "/app/hook/deliveries{?per_page}"
ATTEMPTS = "/app/hook/deliveries/{delivery_id}/attempts"


class LoggedDelivery(msgspec.Struct, frozen=True):
    """One attempt of GitHub's to deliver. *redelivery*: somebody asked for it."""

    id: int
    guid: str
    delivered_at: datetime
    status_code: int
    redelivery: bool = False


class Missed(NamedTuple):
    """*now*: to be asked for, the oldest first. *later*: those for which there is no room in this look."""

    now: list[LoggedDelivery]
    later: list[LoggedDelivery]


class Reconciled(msgspec.Struct, frozen=True):
    """The result of `deliveries.reconcile`. *refused*: GitHub would not deliver them again. *note*: why not all."""

    looked_at: int = 0
    asked: int = 0
    refused: int = 0
    left: int = 0
    note: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What the ledger keeps. *refusal* is GitHub's."""

    refusal: str = ""


def missed(logged: Sequence[LoggedDelivery], known: Collection[str], *, now: datetime) -> Missed:
    """Those that nobody here has seen, each once. What was asked for before, by whomever, is not asked for again."""
    asked = {delivery.guid for delivery in logged if delivery.redelivery}
    first: dict[str, LoggedDelivery] = {}
    for delivery in sorted(logged, key=lambda delivery: (delivery.delivered_at, delivery.id)):
        if delivery.guid not in known and delivery.guid not in asked and delivery.delivered_at <= now - GRACE:
            first.setdefault(delivery.guid, delivery)
    everything = list(first.values())
    return Missed(everything[:MAX_ASKED], everything[MAX_ASKED:])


class Look(NamedTuple):
    """*since*: where it begins. *is_waiting*: GitHub asked for patience, and there is to be none yet."""

    now: datetime
    since: datetime
    is_waiting: bool


class DeliveryLog:
    """What is kept here of it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.effects", "deliveries.sql")

    async def begin(self) -> Look:
        row = await self._pool.fetchrow(self._sql.read_log)
        assert row is not None
        now, until = row["now"], row["looked_until"]
        since = now - FIRST_LOOK if until is None else max(until - OVERLAP, now - KEPT)
        return Look(now, since, row["is_waiting"])

    async def known(self, guids: Collection[str]) -> frozenset[str]:
        return frozenset(row["id"] for row in await self._pool.fetch(self._sql.known_deliveries, list(guids)))

    async def end(self, looked_until: datetime) -> None:
        await self._pool.execute(self._sql.note_look, looked_until)

    async def wait(self, look: Look, seconds: float) -> None:
        await self._pool.execute(self._sql.note_wait, look.since, seconds)


async def reconcile(app: GitHubApp, log: DeliveryLog, ledger: Ledger, *, job_id: UUID) -> Reconciled:
    """One look. Never fails because of GitHub: its result says what was not done."""
    look = await log.begin()
    if look.is_waiting:
        return Reconciled(note="GitHub asked to be left alone for now")
    try:
        return await _look(app, log, ledger, look, job_id)
    except Snooze as snooze:
        await log.wait(look, snooze.seconds)
        return Reconciled(note=str(snooze))
    except GitHubUnavailable as unavailable:
        return Reconciled(note=str(unavailable))
    except GitHubRefused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        return Reconciled(note="the GitHub App has no webhook")


async def _look(app: GitHubApp, log: DeliveryLog, ledger: Ledger, look: Look, job_id: UUID) -> Reconciled:
    logged, oldest = await _logged_since(app, look.since)
    found = missed(logged, await log.known({delivery.guid for delivery in logged}), now=look.now)
    refused = 0
    for delivery in found.now:
        refused += bool((await _ask_again(app, ledger, delivery, job_id)).refusal)
    await log.end(found.later[0].delivered_at if found.later else look.now)
    note = f"GitHub's log is too long: it was read back to {oldest:%Y-%m-%d %H:%M} UTC" if oldest else ""
    return Reconciled(len(logged), len(found.now) - refused, refused, len(found.later), note)


async def _logged_since(app: GitHubApp, since: datetime) -> tuple[list[LoggedDelivery], datetime | None]:
    """The newest first; and how far it was read, if not to the end."""
    logged: list[LoggedDelivery] = []
    address: str = LOG
    for _ in range(MAX_PAGES):
        answer, further = await app.ask("GET", address, {"per_page": "100"})
        page = read_answer(answer, list[LoggedDelivery])
        logged += (delivery for delivery in page if delivery.delivered_at >= since)
        if further is None or not page or page[-1].delivered_at < since:
            return logged, None
        address = further
    return logged, page[-1].delivered_at


async def _ask_again(app: GitHubApp, ledger: Ledger, delivery: LoggedDelivery, job_id: UUID) -> Asked:
    async def find() -> Asked | None:
        return None  # what was asked for is in the log, and was looked for there

    async def act() -> Asked:
        try:
            await app.ask("POST", ATTEMPTS, {"delivery_id": str(delivery.id)})
        except GitHubRefused as refused:
            if refused.status == HTTPStatus.UNAUTHORIZED:
                raise
            return Asked(str(refused))
        return Asked()

    return await ledger.once(f"redeliver {delivery.guid}", Asked, job_id=job_id, find=find, act=act)
