"""What was said is kept sealed, summed, answered from and forgotten, on a real Postgres."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from server.agents.budget import BudgetAsked, Left, Limits
from server.agents.call import CallTold, Shorthand
from server.agents.model import Ask, Reply, Text, Turn, Usage
from server.agents.transcripts import KEEP_CALLS_SECONDS, KEEP_RECORDS_SECONDS, Transcripts, totals
from server.messaging import Role, inbox
from server.observability.metrics import Metrics
from server.security.at_rest import FILE, AtRest, SealBroken
from tests.clock import Clock
from tests.jobs.job_rows import PROJECT, Rows

AGENT = UUID(int=7)
LIMITS = Limits(job=1000, project_day=3000, day=5000)


class Scene:
    def __init__(self, pool: asyncpg.Pool, directory: Path) -> None:
        self.pool = pool
        self.rows = Rows(pool)
        self.clock = Clock(pool)
        self.metrics = Metrics()
        count = self.metrics.count_model_call
        self.kept = Transcripts(pool, pool, AtRest.in_directory(directory), LIMITS, count=count)

    async def running_job(self, attempt: int = 1, project: str = PROJECT) -> UUID:
        return await self.rows.job("running", queue="think", attempt=attempt, agent_id=AGENT, project=project)

    async def tell(self, *calls: CallTold, sender: Role = Role.AGENT) -> None:
        await self.kept.hear_calls(sender, [msgspec.json.encode(call) for call in calls])

    async def left(self, job: UUID, attempt: int = 1) -> Left:
        body = msgspec.json.encode(BudgetAsked(job, attempt))
        [(route, message)] = await self.kept.tell_budgets(Role.AGENT, [body])
        assert route == inbox(Role.AGENT, AGENT)
        return msgspec.json.decode(message.body, type=Left)


@pytest_asyncio.fixture
async def scene(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Scene]:
    yield Scene(pool, tmp_path)


def a_call(job: UUID, number: int = 1, attempt: int = 1, cost: int = 100, text: str = "hello") -> CallTold:
    ask = Ask("strong", "You review.", (Turn("user", (Text(text),)),))
    reply = Reply((Text("fine"),), "end_turn", Usage(10, 5, 100, 50), "claude-opus-5-5", cost)
    record = Shorthand().model(number, ask, reply)
    return CallTold(job, attempt, number, "model", "claude-opus-5-5", 1.5, reply.usage, cost, record)


async def test_a_call_is_kept_once_and_sealed(scene: Scene) -> None:
    job = await scene.running_job()
    await scene.tell(a_call(job, text="a fine secret"), a_call(job, number=2))
    await scene.tell(a_call(job, text="a fine secret"))

    calls = await scene.kept.calls(job)
    assert [(call.number, call.cost_microdollars, call.is_kept) for call in calls] == [(1, 100, True), (2, 100, True)]
    assert totals(calls)["cost_microdollars"] == 200
    assert b"fine" not in await scene.pool.fetchval("select sealed from model_calls where number = 1")
    record = (await scene.kept.records(job))[1]
    assert msgspec.json.encode(record).count(b"a fine secret") == 1


async def test_calls_are_counted_by_models_that_are_known(scene: Scene) -> None:
    job = await scene.running_job()
    failed = msgspec.structs.replace(a_call(job, number=3), name="made-up", error="ModelAway: overloaded")
    await scene.tell(a_call(job), a_call(job, number=2, cost=1_000_000), failed)

    value = scene.metrics.registry.get_sample_value
    assert value("hive_model_calls_total", {"model": "claude-opus-5-5", "outcome": "replied"}) == 2
    assert value("hive_model_calls_total", {"model": "other", "outcome": "ModelAway"}) == 1
    assert value("hive_model_tokens_total", {"model": "claude-opus-5-5", "type": "output_tokens"}) == 10
    assert value("hive_model_cost_dollars_total", {"model": "claude-opus-5-5"}) == pytest.approx(1.0001)


@pytest.mark.parametrize("case", ["another role", "no such job", "an attempt that never was"])
async def test_what_nobody_may_tell_is_not_kept(scene: Scene, case: str) -> None:
    job = await scene.running_job()
    told = {
        "another role": a_call(job),
        "no such job": a_call(uuid4()),
        "an attempt that never was": a_call(job, attempt=2),
    }[case]
    await scene.tell(told, sender=Role.EFFECTS if case == "another role" else Role.AGENT)

    assert await scene.pool.fetchval("select count(*) from model_calls") == 0


async def test_what_is_left_counts_earlier_attempts_the_project_and_the_day(scene: Scene) -> None:
    job, sibling = await scene.running_job(attempt=2), await scene.running_job()
    elsewhere = await scene.running_job(project="github.com/o/other")
    await scene.tell(a_call(job, cost=100), a_call(sibling, cost=200), a_call(elsewhere, cost=4600))

    left = await scene.left(job, 2)
    assert (left.job, left.project_day, left.day) == (900, 2700, 100)
    await scene.tell(a_call(elsewhere, number=2, cost=4600))
    assert (await scene.left(job, 2)).day == 0

    await scene.clock.advance(86400)
    tomorrow = await scene.left(job, 2)
    assert (tomorrow.job, tomorrow.project_day, tomorrow.day) == (900, 3000, 5000)


async def test_only_who_holds_the_attempt_hears_what_is_left(scene: Scene) -> None:
    job = await scene.running_job(attempt=2)
    asked = msgspec.json.encode(BudgetAsked(job, 1))

    assert await scene.kept.tell_budgets(Role.AGENT, [asked]) == []
    assert await scene.kept.tell_budgets(Role.EFFECTS, [asked]) == []


async def test_usage_is_summed_by_day_project_and_model(scene: Scene) -> None:
    job = await scene.running_job()
    await scene.tell(a_call(job), a_call(job, number=2))
    await scene.clock.advance(86400)
    await scene.tell(a_call(job, number=3, cost=5))

    usage = await scene.kept.usage(days=2)
    assert [(row.calls, row.jobs, row.cost_microdollars) for row in usage] == [(1, 1, 5), (2, 1, 200)]
    assert usage[1].usage == Usage(20, 10, 200, 100)
    assert (usage[0].day - usage[1].day).days == 1
    assert len(await scene.kept.usage(days=1)) == 1
    assert await scene.kept.usage(days=2, project="another") == []


async def test_words_are_forgotten_before_sums(scene: Scene) -> None:
    job = await scene.running_job()
    await scene.tell(a_call(job))
    await scene.clock.advance(KEEP_RECORDS_SECONDS + 1)
    await scene.kept.forget()

    assert [(call.is_kept, call.cost_microdollars) for call in await scene.kept.calls(job)] == [(False, 100)]
    assert await scene.kept.records(job) == {}

    await scene.clock.advance(KEEP_CALLS_SECONDS)
    await scene.kept.forget()
    assert await scene.kept.calls(job) == []


async def test_a_record_opens_only_in_its_place_and_with_its_key(scene: Scene, tmp_path: Path) -> None:
    job = await scene.running_job()
    await scene.tell(a_call(job), a_call(job, number=2))
    await scene.pool.execute("update model_calls set sealed = (select sealed from model_calls where number = 1)")
    with pytest.raises(SealBroken):
        await scene.kept.records(job)

    (tmp_path / FILE).unlink()
    with pytest.raises(SealBroken, match="opened"):
        await Transcripts(scene.pool, scene.pool, AtRest.in_directory(tmp_path), LIMITS).records(job)


def test_the_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    sealed = AtRest.in_directory(tmp_path).seal(b"text", "place")

    assert AtRest.in_directory(tmp_path).open(sealed, "place") == b"text"
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_who_seals_nothing_needs_no_key(tmp_path: Path) -> None:
    AtRest.in_directory(tmp_path / "nowhere")

    assert list(tmp_path.iterdir()) == []
