"""What GitHub could not deliver is asked for again: its stand-in drops deliveries, the door and Postgres are real."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.config import Secret
from server.effects.app import GitHubApp
from server.effects.deliveries import MAX_ASKED, DeliveryLog, LoggedDelivery, Reconciled, missed, reconcile
from server.effects.ledger import Ledger
from server.jobs.job import Delivery
from server.jobs.schedules import Schedules
from server.reviews import deliveries
from server.reviews.reconciling import SCHEDULE, keep_schedule
from server.reviews.workflow import KINDS
from tests.github.signing import SignedDelivery
from tests.github.standin import GitHubStandIn, Interruption
from webhooks.receiver import Receiver

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Scene:
    """A door that records deliveries, and GitHub, which sends them there when it can."""

    def __init__(self, standin: GitHubStandIn, app: GitHubApp, pool: asyncpg.Pool) -> None:
        self.standin = standin
        self.app = app
        self.pool = pool

    async def deliver(self, *, dropping: bool = False) -> str:
        """Something happens on GitHub; the delivery's GUID."""
        delivery = self.standin.signed_delivery("issues", {"action": "opened", "issue": str(uuid4())})
        self.standin.hook.is_dropping = dropping
        await self.standin.hook.deliver(delivery)
        self.standin.hook.is_dropping = False
        return delivery.id

    async def look(self) -> Reconciled:
        return await reconcile(self.app, DeliveryLog(self.pool), Ledger(self.pool), job_id=uuid4())

    async def known(self) -> dict[str, int]:
        """How often each GUID came."""
        rows = await self.pool.fetch("select id, times_received from deliveries")
        return {row["id"]: row["times_received"] for row in rows}

    @property
    def asked(self) -> int:
        return self.standin.requests["apps/redeliver-webhook-delivery"]


@pytest.fixture
async def scene(
    standin: GitHubStandIn, app: GitHubApp, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> AsyncIterator[Scene]:
    async def keep(delivery: Delivery) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await deliveries.record(connection, [delivery])

    hub = web.Application()
    hub.router.add_post("/webhooks/github", Receiver([standin.webhook_secret.encode()], keep).handle)
    async with TestServer(hub) as server:

        async def send(delivery: SignedDelivery) -> int:
            async with session.post(
                server.make_url("/webhooks/github"), data=delivery.body, headers=delivery.headers
            ) as answer:
                return answer.status

        standin.hook.send = send
        yield Scene(standin, app, pool)


async def test_what_was_dropped_comes_after_all_each_once(scene: Scene) -> None:
    came = await scene.deliver()
    dropped = [await scene.deliver(dropping=True) for _ in range(3)]

    looks = [await scene.look() for _ in range(2)]

    assert looks[0] == Reconciled(looked_at=4, asked=3)
    assert looks[1].asked == 0
    assert await scene.known() == dict.fromkeys([came, *dropped], 1)
    assert scene.asked == 3


async def test_what_is_dropped_again_is_not_asked_for_a_second_time(scene: Scene) -> None:
    await scene.deliver(dropping=True)
    scene.standin.hook.is_dropping = True

    looks = [await scene.look() for _ in range(3)]

    assert [look.asked for look in looks] == [1, 0, 0]
    assert scene.asked == 1


async def test_what_github_counts_as_delivered_but_nobody_here_knows_is_asked_for(scene: Scene) -> None:
    lost = await scene.deliver()
    await scene.pool.execute("delete from deliveries")

    assert (await scene.look()).asked == 1
    assert await scene.known() == {lost: 1}


async def test_the_log_is_read_page_by_page_and_only_as_far_back_as_the_last_look(scene: Scene) -> None:
    scene.standin.page_size_limit = 2
    scene.standin.hook.age = timedelta(hours=2)
    old = await scene.deliver(dropping=True)
    scene.standin.hook.age = timedelta(minutes=5)
    new = [await scene.deliver(dropping=True) for _ in range(5)]

    first = await scene.look()
    pages = scene.standin.requests["apps/list-webhook-deliveries"]

    assert (first.looked_at, first.asked, pages) == (5, 5, 3)
    assert old not in await scene.known()
    assert set(await scene.known()) == set(new)


async def test_what_is_too_much_for_one_look_is_left_to_the_next(scene: Scene) -> None:
    dropped = {await scene.deliver(dropping=True) for _ in range(MAX_ASKED + 2)}

    looks = [await scene.look() for _ in range(2)]

    assert [(look.asked, look.left) for look in looks] == [(MAX_ASKED, 2), (2, 0)]
    assert set(await scene.known()) == dropped


async def test_githubs_wish_to_be_left_alone_is_kept_to(scene: Scene, session: aiohttp.ClientSession) -> None:
    dropped = await scene.deliver(dropping=True)
    limit = Interruption("apps/redeliver-webhook-delivery", status=429, headers={"Retry-After": "600"})
    scene.standin.interrupt(limit)

    looks = [await scene.look() for _ in range(2)]

    assert [look.asked for look in looks] == [0, 0]
    assert "wait" in looks[0].note
    assert scene.standin.requests["apps/list-webhook-deliveries"] == 1
    await scene.pool.execute(
        "insert into clock (ahead) values (make_interval(secs => 601)) on conflict (single) do update "
        "set ahead = excluded.ahead"
    )
    # What the process itself remembers of the wish runs out by its own clock: this one was started since.
    standin = scene.standin
    key = Secret(standin.private_key_pem)
    scene.app = GitHubApp(session, app_id=standin.app_id, private_key=key, api_url=standin.url)
    assert (await scene.look()).asked == 1
    assert set(await scene.known()) == {dropped}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_an_answer_that_was_lost_leads_to_no_second_delivery(scene: Scene, after: bool) -> None:
    dropped = await scene.deliver(dropping=True)
    scene.standin.interrupt(Interruption("apps/redeliver-webhook-delivery", after=after, drop=True))

    lost = await scene.look()
    await scene.pool.execute("update effects set acting_at = acting_at - interval '1 minute'")
    await scene.look()

    assert "did not answer" in lost.note
    assert await scene.known() == {dropped: 1}


@pytest.mark.parametrize(
    ("status", "note"), [(502, "answered 502"), (404, "no webhook")], ids=["GitHub is away", "no webhook"]
)
async def test_a_log_that_cannot_be_read_is_told_of_and_read_the_next_time(
    scene: Scene, status: int, note: str
) -> None:
    await scene.deliver(dropping=True)
    scene.standin.interrupt(Interruption("apps/list-webhook-deliveries", status=status))

    looks = [await scene.look() for _ in range(2)]

    assert note in looks[0].note
    assert [look.asked for look in looks] == [0, 1]


async def test_a_delivery_that_github_refuses_to_repeat_holds_up_no_other(scene: Scene) -> None:
    gone = await scene.deliver(dropping=True)
    dropped = await scene.deliver(dropping=True)
    scene.standin.interrupt(Interruption("apps/redeliver-webhook-delivery", status=404))

    look = await scene.look()

    assert (look.asked, look.refused) == (1, 1)
    assert set(await scene.known()) == {dropped}
    assert gone not in await scene.known()


def test_those_that_may_be_on_their_way_are_left_alone() -> None:
    young = LoggedDelivery(1, "a", NOW - timedelta(seconds=30), 502)
    old = LoggedDelivery(2, "b", NOW - timedelta(minutes=3), 502)

    assert missed([young, old], (), now=NOW).now == [old]


def test_several_attempts_at_one_delivery_are_one() -> None:
    attempts = [LoggedDelivery(number, "a", NOW - timedelta(minutes=9 - number), 502) for number in range(3)]

    assert missed(attempts, (), now=NOW).now == [attempts[0]]


async def test_a_hub_with_an_app_looks_every_few_minutes_unless_somebody_paused_it(pool: asyncpg.Pool) -> None:
    schedules = Schedules(pool, KINDS)

    await keep_schedule(schedules, SCHEDULE, has_app=True)
    await schedules.pause(SCHEDULE.name, by="ada")
    await keep_schedule(schedules, SCHEDULE, has_app=True)

    [schedule] = await schedules.list()
    assert (schedule.kind, schedule.every_seconds, schedule.next_at) == ("deliveries.reconcile", 300.0, None)


async def test_a_hub_without_an_app_looks_no_more(pool: asyncpg.Pool) -> None:
    schedules = Schedules(pool, KINDS)
    await keep_schedule(schedules, SCHEDULE, has_app=True)

    for _ in range(2):
        await keep_schedule(schedules, SCHEDULE, has_app=False)

    assert await schedules.list() == []
