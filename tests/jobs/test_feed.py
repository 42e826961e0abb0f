"""Following the record: exactly once and in order, however transactions end."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from server.db import open_pool
from server.jobs.feed import NUMBERS, PAGE, EventFeed, FeedEvent, FeedTruncated, Follower, TooManyFollowers, Wanted
from server.jobs.job import EventType, new_job_id
from tests.streams import running

SECONDS = 20.0


class Scene:
    """A feed that runs, and hands that write."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.feed = EventFeed(pool)

    async def write(
        self,
        connection: asyncpg.Connection | None = None,
        type_: str = "started",
        project: str = "o/r",
        kind: str = "review",
    ) -> int:
        """The event's number."""
        number: int = await (connection or self.pool).fetchval(
            "insert into job_events (job_id, type, kind, project) values ($1, $2, $3, $4) returning seq",
            new_job_id(), type_, kind, project,
        )  # fmt: skip
        return number

    async def forget(self, *, up_to: int) -> None:
        """As retention does."""
        await self.pool.execute("delete from job_events where seq <= $1", up_to)
        await self.pool.execute("update forgotten_events set seq = $1", up_to)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that is rolled back."""
        with suppress(_Failed):
            async with self.writing() as connection:
                yield connection
                raise _Failed


class _Failed(Exception):
    """What fails in a transaction."""


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> AsyncIterator[Scene]:
    scene = Scene(pool)
    async with running(scene.feed.run()):
        yield scene


async def heard(follower: Follower, enough: Callable[[Sequence[FeedEvent]], bool]) -> list[int]:
    """The numbers of what the follower hears until it is enough."""
    events: list[FeedEvent] = []
    async with asyncio.timeout(SECONDS):
        while not enough(events):
            events += await follower.next()
    return [event.seq for event in events]


def at_least(number: int) -> Callable[[Sequence[FeedEvent]], bool]:
    return lambda events: len(events) >= number


async def looks(feed: EventFeed, times: int) -> None:
    """Return when the feed has looked so often again."""
    for _ in range(times):
        feed.hint()
        async with asyncio.timeout(SECONDS):
            await feed._looked.wait()


async def test_a_follower_hears_what_was_and_what_comes(scene: Scene) -> None:
    was = [await scene.write() for _ in range(3)]

    with scene.feed.follow(0) as follower:
        assert await heard(follower, at_least(3)) == was
        comes = await scene.write()
        scene.feed.hint()
        assert await heard(follower, at_least(1)) == [comes]


async def test_without_a_hint_it_is_heard_within_a_second_or_two(scene: Scene) -> None:
    with scene.feed.follow(0) as follower:
        await looks(scene.feed, 1)
        number = await scene.write()

        async with asyncio.timeout(3):
            assert [event.seq for event in await follower.next()] == [number]


async def test_an_event_says_what_happened_but_not_what_was_asked(scene: Scene) -> None:
    job_id, agent_id = new_job_id(), new_job_id()
    await scene.pool.execute(
        "insert into job_events (job_id, type, kind, project, attempt, message, actor, agent_id, error_class, data)"
        "values ($1, 'accepted', 'review', 'o/r', 0, '', 'anna', null, null, '{\"args\":\"secret\"}'),"
        "       ($1, 'retry', 'review', 'o/r', 2, 'broken', '', $2, 'OSError', '{\"delay_seconds\":4.0}')",
        job_id, agent_id,
    )  # fmt: skip

    accepted, retried = (await scene.feed.page(0)).events

    assert (accepted.type, accepted.job_id, accepted.actor, bytes(accepted.data)) == (
        "accepted",
        job_id,
        "anna",
        b"null",
    )
    assert (retried.attempt, retried.message, retried.error_class) == (2, "broken", "OSError")
    assert (retried.agent_id, bytes(retried.data)) == (agent_id, b'{"delay_seconds":4.0}')


async def test_a_number_that_commits_late_is_waited_for(scene: Scene) -> None:
    with scene.feed.follow(0) as follower:
        async with scene.writing() as slow:
            late = await scene.write(slow)
            early = await scene.write()
            await looks(scene.feed, 5)
            assert follower.position == 0
            hearing = asyncio.create_task(heard(follower, at_least(2)))
            await looks(scene.feed, 5)
            assert not hearing.done()

        assert await hearing == [late, early]


async def test_a_number_that_was_rolled_back_holds_nobody_up(scene: Scene) -> None:
    with scene.feed.follow(0) as follower:
        async with scene.failing() as failing:
            await scene.write(failing)
            number = await scene.write()

        assert await heard(follower, at_least(1)) == [number]


async def test_a_long_transaction_that_writes_no_events_holds_nobody_up(scene: Scene) -> None:
    async with scene.writing() as other:
        await other.execute("insert into shares (queue, priority, project, last_turn) values ('q', 0, 'p', 1)")
        async with scene.failing() as failing:
            await scene.write(failing)
        number = await scene.write()

        with scene.feed.follow(0) as follower:
            assert await heard(follower, at_least(1)) == [number]


@pytest.mark.parametrize("_", range(6))
async def test_whatever_commits_is_heard_once_and_in_order(scene: Scene, _: int) -> None:
    """Eight writers at a time, transactions of several events with other work between, a third of them rolled back."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)

    async def write_some() -> None:
        for _ in range(25):
            transaction = scene.failing if chance.random() < 0.33 else scene.writing
            async with transaction() as connection:
                for _ in range(chance.randint(1, 4)):
                    await scene.write(connection)
                    await connection.execute("select pg_sleep($1)", chance.choice([0, 0, 0.001, 0.01]))
            scene.feed.hint()

    last = -1
    with scene.feed.follow(0) as one, scene.feed.follow(0) as another:
        hearings = [
            asyncio.create_task(heard(follower, lambda events: bool(events) and events[-1].seq == last))
            for follower in (one, another)
        ]
        await asyncio.gather(*(write_some() for _ in range(8)))
        async with scene.writing() as connection:
            last = await scene.write(connection)
        scene.feed.hint()

        committed = [row["seq"] for row in await scene.pool.fetch("select seq from job_events order by seq")]
        assert [await hearing for hearing in hearings] == [committed, committed]
        assert committed[-1] > len(committed)  # some were rolled back


async def test_whoever_comes_late_hears_a_long_history_with_holes(scene: Scene) -> None:
    number = 3 * PAGE
    await scene.pool.execute(
        "insert into job_events (job_id, type) select gen_random_uuid(), 'started' from generate_series(1, $1)", number
    )
    await scene.pool.execute("delete from job_events where seq % 3 = 0")

    with scene.feed.follow(0) as follower:
        assert await heard(follower, at_least(number * 2 // 3)) == [n for n in range(1, number + 1) if n % 3]


async def test_the_newest_are_there_at_once_however_long_the_history_is(scene: Scene) -> None:
    number = 2 * NUMBERS + 1
    await scene.pool.execute(
        "insert into job_events (job_id, type) select gen_random_uuid(), 'started' from generate_series(1, $1)", number
    )

    (newest,) = (await scene.feed.page(None, limit=1)).events

    assert (newest.seq, scene.feed._looks) == (number, 1)


async def test_a_follower_goes_on_where_another_ended(scene: Scene) -> None:
    numbers = [await scene.write() for _ in range(5)]

    with scene.feed.follow(numbers[1]) as follower:
        assert await heard(follower, at_least(3)) == numbers[2:]


async def test_whoever_was_away_for_longer_than_events_are_kept_is_told(scene: Scene) -> None:
    numbers = [await scene.write() for _ in range(5)]
    await scene.forget(up_to=numbers[2])

    with scene.feed.follow(numbers[0]) as follower:
        with pytest.raises(FeedTruncated) as told:
            await follower.next()
        assert told.value.complete_after == numbers[2]
        assert await heard(follower, at_least(2)) == numbers[3:]  # and may go on all the same
    with scene.feed.follow(numbers[2]) as follower:
        assert await heard(follower, at_least(2)) == numbers[3:]


async def test_whoever_is_so_slow_that_events_are_let_go_before_it_is_told(scene: Scene) -> None:
    await scene.pool.execute(
        "insert into job_events (job_id, type) select gen_random_uuid(), 'started' from generate_series(1, $1)",
        PAGE + 10,
    )
    with scene.feed.follow(0) as follower:
        await follower.next()
        await scene.forget(up_to=PAGE + 5)

        with pytest.raises(FeedTruncated) as told:
            await follower.next()
        assert (told.value.complete_after, follower.position) == (PAGE + 5, PAGE)
        assert await heard(follower, at_least(5)) == list(range(PAGE + 6, PAGE + 11))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), [0, 1, 2, 3]),
        (Wanted(project="o/other"), [1]),
        (Wanted(kinds=frozenset({"publish", "fetch"})), [2]),
        (Wanted(types=frozenset({EventType.DEAD, EventType.RETRY})), [3]),
        (Wanted(project="o/other", types=frozenset({EventType.DEAD})), []),
    ],
    ids=["all", "of a project", "of kinds", "of types", "all conditions hold"],
)
async def test_only_what_is_wanted_is_read(scene: Scene, wanted: Wanted, expected: list[int]) -> None:
    numbers = [
        await scene.write(),
        await scene.write(project="o/other"),
        await scene.write(kind="publish"),
        await scene.write(type_="dead"),
    ]

    page = await scene.feed.page(0, wanted)
    newest = await scene.feed.page(None, wanted, limit=3)

    assert [event.seq for event in page.events] == [numbers[place] for place in expected]
    assert [event.seq for event in newest.events] == [numbers[place] for place in expected][-3:]
    assert page.after == numbers[-1]


async def test_pages_follow_each_other(scene: Scene) -> None:
    numbers = [await scene.write() for _ in range(5)]

    first = await scene.feed.page(0, limit=2)
    second = await scene.feed.page(first.after, limit=2)
    third = await scene.feed.page(second.after, limit=2)
    last = await scene.feed.page(third.after, limit=2)

    assert [[e.seq for e in page.events] for page in (first, second, third, last)] == [
        numbers[:2],
        numbers[2:4],
        numbers[4:],
        [],
    ]
    assert (last.after, last.complete_after) == (numbers[-1], 0)


async def test_nobody_looks_while_nobody_follows(scene: Scene) -> None:
    await scene.feed.page(0)
    looks_before = scene.feed._looks

    scene.feed.hint()
    await scene.write()

    assert scene.feed._looks == looks_before


async def test_the_number_of_followers_is_bounded(postgres_url: str) -> None:
    pool = await open_pool(postgres_url)
    feed = EventFeed(pool, max_followers=1)

    with feed.follow(0), pytest.raises(TooManyFollowers), feed.follow(0):
        pass
    with feed.follow(0):
        pass

    await pool.close()


async def test_a_follower_rides_out_lost_connections(scene: Scene) -> None:
    first = await scene.write()
    with scene.feed.follow(0) as follower:
        assert await heard(follower, at_least(1)) == [first]

        await _cut_all(scene)
        second = await scene.write()

        assert await heard(follower, at_least(1)) == [second]


async def _cut_all(scene: Scene) -> None:
    async with scene.pool.acquire() as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("statement", ["update job_events set message = ''", "truncate job_events"])
async def test_what_is_recorded_cannot_be_changed(scene: Scene, statement: str) -> None:
    await scene.write()

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await scene.pool.execute(statement)
