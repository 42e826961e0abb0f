"""The jobs of the chaos tests: what each kind does, how it has to end, and mixtures of them at random.

Every handler writes down that it began and that it did its work: afterwards it is known what was done how often.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from server.db import open_pool
from server.effects.ledger import Ledger
from server.faults import reach
from server.jobs.job import EventType, GiveUp, JobRequest, Priority, Snooze
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.worker import Handler, Work

QUEUE = "review"
LIMIT = 2

KINDS = Kinds(
    [
        Kind("short", QUEUE),
        Kind("busy", QUEUE),
        Kind("fails_once", QUEUE),
        Kind("hopeless", QUEUE, max_attempts=2),
        Kind("gives_up", QUEUE),
        Kind("snoozes", QUEUE),
        Kind("lasts", QUEUE),
        Kind("limited", QUEUE, max_running=LIMIT),
        Kind("fair", QUEUE, max_running_per_project=1),
        Kind("post", "effects"),
    ],
    [
        WorkflowKind(
            "diamond",
            (
                Step("top", "short"),
                Step("left", "busy", needs=("top",)),
                Step("right", "fails_once", needs=("top",)),
                Step("bottom", "post", needs=("left", "right")),
            ),
        ),
        WorkflowKind(
            "doomed", (Step("good", "short"), Step("bad", "gives_up"), Step("never", "short", needs=("bad",)))
        ),
    ],
)

ENDS: Mapping[str, EventType] = {
    "short": EventType.SUCCEEDED,
    "busy": EventType.SUCCEEDED,
    "fails_once": EventType.SUCCEEDED,
    "hopeless": EventType.DEAD,
    "gives_up": EventType.DEAD,
    "snoozes": EventType.SUCCEEDED,
    "lasts": EventType.CANCELLED,
    "limited": EventType.SUCCEEDED,
    "fair": EventType.SUCCEEDED,
    "post": EventType.SUCCEEDED,
    "diamond": EventType.SUCCEEDED,
    "doomed": EventType.DEAD,
}
"""How each kind ends, whatever happens on the way; what lasts is there to be cancelled."""

SHARES = {
    "short": 40, "busy": 8, "fails_once": 6, "hopeless": 2, "gives_up": 4, "snoozes": 6, "limited": 6, "fair": 6,
    "post": 12, "diamond": 6, "doomed": 4,
}  # fmt: skip
"""Of a mixture of a hundred."""

BUSY_SECONDS = 0.1
NOTHING = msgspec.Raw(b"null")


def mixture(random: Random, count: int, shares: Mapping[str, int] = SHARES) -> list[JobRequest]:
    kinds = random.choices(list(shares), weights=list(shares.values()), k=count)
    return [a_request(kind, random) for kind in kinds]


def a_request(kind: str, random: Random) -> JobRequest:
    return JobRequest(
        kind,
        f"github.com/o/{random.choice('abcd')}",
        msgspec.Raw(msgspec.json.encode({"padding": "x" * random.choice((0, 100, 1000))})),
        priority=random.choice(list(Priority)),
        requested_by="chaos",
    )


class Done(msgspec.Struct, frozen=True):
    """The result of every handler: by it is seen which attempt's result was kept."""

    job_id: UUID
    attempt: int


class Diary:
    """One line for each thing done; appended whole, so any number of processes may write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def write(self, *words: object) -> None:
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())

    def lines(self, first_word: str) -> list[list[str]]:
        """The words after *first_word*, of every line that begins with it."""
        lines = (line.split() for line in self._path.read_text().splitlines())
        return [words for first, *words in lines if first == first_word]


def agent_handlers(diary: Diary) -> Mapping[str, Handler]:
    async def short(work: Work) -> None:
        reach("agent.in_work")

    async def busy(work: Work) -> None:
        await asyncio.to_thread(_compute, BUSY_SECONDS)

    async def fails_once(work: Work) -> None:
        if work.attempt == 1:
            raise RuntimeError("broken")

    async def hopeless(work: Work) -> None:
        raise RuntimeError("broken")

    async def gives_up(work: Work) -> None:
        raise GiveUp("there is no such thing")

    async def snoozes(work: Work) -> None:
        if work.attempt == 1:
            raise Snooze(0.05, "not yet")

    async def lasts(work: Work) -> None:
        await asyncio.Event().wait()

    async def limited(work: Work) -> None:
        await asyncio.sleep(0.01)

    handlers = (short, busy, fails_once, hopeless, gives_up, snoozes, lasts, limited)
    return {**{f.__name__: _noted(diary, f) for f in handlers}, "fair": _noted(diary, limited)}


@asynccontextmanager
async def effects_handlers(diary: Diary, database_url: str) -> AsyncIterator[Mapping[str, Handler]]:
    """`post`: a line in the diary stands for what the outside world sees, and is done under the ledger of effects."""
    pool = await open_pool(database_url)
    ledger = Ledger(pool, under_way_seconds=0.0)

    async def post(work: Work) -> None:
        async def find() -> str | None:
            return "found" if [str(work.job_id)] in diary.lines("posted") else None

        async def act() -> str:
            diary.write("posted", work.job_id)
            reach("agent.in_work")
            return "posted"

        await ledger.once(f"post {work.job_id}", str, job_id=work.job_id, find=find, act=act)

    try:
        yield {"post": _noted(diary, post)}
    finally:
        pool.terminate()


def _noted(diary: Diary, act: Callable[[Work], Awaitable[None]]) -> Handler:
    async def handle(work: Work) -> Any:
        diary.write("began", work.job_id, work.attempt)
        await act(work)
        diary.write("did", work.job_id, work.attempt)
        return Done(work.job_id, work.attempt)

    return handle


def _compute(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        hashlib.sha256(bytes(100_000)).digest()
