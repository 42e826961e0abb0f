"""The status page, as a browser without and with scripts sees it."""

import asyncio
import re
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from server.api.app import PartState
from server.api.overview import QueueLoad
from server.api.status import Kept, ModelUse, RecentJob, Status
from server.api.status_page import AGENTS_SHOWN, draw
from server.jobs.job import JobState, Priority, new_job_id
from server.jobs.views import KnownAgent, Line
from server.reviews.finding import FindingStatus, Severity
from tests.api.conftest import Hub

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def an_agent(queue: str, running: int, silent_seconds: float, state: str = "awake") -> KnownAgent:
    return KnownAgent(new_job_id(), queue, "agent", (queue,), 8, state, NOW, NOW, silent_seconds, running)


KEPT = Kept(
    jobs={
        "review": {JobState.SUCCEEDED: 4182, JobState.RUNNING: 3, JobState.CANCELLED: 961},
        "review.publish": {JobState.SUCCEEDED: 12, JobState.DEAD: 1},
    },
    recent=[
        RecentJob("review", JobState.RUNNING, NOW, 0.03),
        RecentJob("ask", JobState.SUCCEEDED, NOW, 8.0, 12_345),
        RecentJob("review.publish", JobState.DEAD, NOW - timedelta(minutes=3), 75.0),
        RecentJob("review", JobState.QUEUED, NOW - timedelta(days=3), None),
    ],
    findings={FindingStatus.OPEN: {Severity.HIGH: 7}, FindingStatus.FIXED: {Severity.LOW: 31}},
    agents=[an_agent("review", 3, 0.4), an_agent("effects", 0, 90.0)],
    queues=[QueueLoad("review", 3, 8, [Line("review", Priority.BATCH, 1200, 5, 40, 75.0)], None, None, None)],
    models=[ModelUse("claude-opus-5-5", 31, 1_200_000, 2_500_000)],
    budget_microdollars=100_000_000,
)
READY = {"postgres": PartState(True), "redis": PartState(True, "2 ms")}


def text_of(html: str) -> str:
    body = re.sub(r"(?s)<(style|script|head).*?</\1>", "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def drawn(**changes: object) -> str:
    whole = {"at": NOW, "parts": READY, "doors": {"Editors (LSP)": "127.0.0.1:8643"}, "kept": KEPT, **changes}
    return draw(Status(**whole), "nonce")  # type: ignore[arg-type]


def test_it_tells_what_models_cost() -> None:
    text = text_of(drawn())

    assert "claude-opus-5-5 31 1 200 000 $2.50" in text  # thin spaces
    assert "$2.50 of $100.00 a day" in text
    assert "ask succeeded just now 8 s $0.0123" in text


def test_it_tells_how_things_are_in_words() -> None:
    text = text_of(drawn())

    for said in ("Everything is ready", "127.0.0.1:8643", "3 of 8 busy", "silent for 90 s", "31 fixed", "4 182"):
        assert said.replace(" ", "\N{THIN SPACE}") in text or said in text


def test_queues_tell_what_waits_and_for_how_long() -> None:
    text = text_of(drawn())

    assert "review 3 5 1 200 75 s 40 5" in text


def test_of_many_agents_those_with_trouble_are_shown() -> None:
    many = [an_agent("review", 1, 0.0, "sleeping") for _ in range(1000)]
    text = text_of(drawn(kept=Kept({}, [], {}, [*many, an_agent("effects", 0, 90.0)])))

    assert "silent for 90 s" in text
    assert "sleeping, 1 of 8 busy" in text
    assert f"and {1001 - AGENTS_SHOWN} more" in text


def test_it_says_when_not_all_that_ended_is_counted() -> None:
    assert "only the newest are counted" not in text_of(drawn())
    assert "only the newest are counted" in text_of(drawn(kept=msgspec.structs.replace(KEPT, has_more=True)))


def test_a_part_that_is_not_ready_is_named_at_the_top() -> None:
    text = text_of(drawn(parts={**READY, "redis": PartState(False, "no answer")}))

    assert "Not ready: redis" in text
    assert "no answer" in text


def test_without_postgres_it_still_stands() -> None:
    assert "Postgres does not answer" in text_of(drawn(kept=None))


def test_an_empty_hive_says_what_to_do() -> None:
    text = text_of(drawn(kept=Kept({}, [], {}, [])))

    assert "hive review" in text
    assert "No agent has reported" in text


def test_nothing_that_varies_can_become_markup() -> None:
    evil = '<script>alert(1)</script>{{script}}"onload="x'
    html = drawn(
        parts={evil: PartState(False, evil)},
        doors={evil: evil},
        kept=Kept({evil: {JobState.DEAD: 1}}, [RecentJob(evil, JobState.DEAD, NOW, 1.0)], {}, []),
    )

    assert "<script>alert" not in html
    assert 'onload="x' not in html
    assert html.count("<script") == 1


async def test_it_works_without_a_key_and_shows_neither_code_nor_projects(hub: Hub) -> None:
    await hub.reviewed("billing/secret_plans.py")

    html = await (await hub.ask("GET", "/", role=None)).text()

    assert "review" in html
    for private in ("secret_plans", "octo", "eval", *hub.keys.values()):
        assert private not in html


async def test_scripts_and_styles_run_by_their_nonce_alone(hub: Hub) -> None:
    first, second = [await hub.ask("GET", "/", role=None) for _ in range(2)]

    policy = first.headers["Content-Security-Policy"]
    nonces = set(re.findall(r'nonce="([^"]+)"', await first.text()))
    assert len(nonces) == 1
    assert f"script-src 'nonce-{nonces.pop()}'" in policy
    assert "unsafe" not in policy
    assert policy != second.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]+ (style|on\w+)=", await first.text())


async def test_however_many_look_postgres_is_asked_once(hub: Hub) -> None:
    pages = await asyncio.gather(*(hub.ask("GET", "/", role=None) for _ in range(20)))

    times = {re.search(r'datetime="([^"]+)"', await page.text()) for page in pages}
    assert len({found and found[1] for found in times}) == 1


async def chromium(url: str, *options: str, budget_ms: int = 1000) -> str:
    """What a headless Chromium prints when *budget_ms* of its own time, which runs ahead of ours, are over."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory() as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--window-size=1100,1100",
            f"--virtual-time-budget={budget_ms}",
            *options,
            url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(60):
                printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return printed.decode()


@pytest.mark.journey
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
class TestInChromium:
    @pytest.fixture
    def pictures(self) -> Path:
        """Where people find them after the tests."""
        directory = Path("build/screenshots").resolve()
        directory.mkdir(parents=True, exist_ok=True)
        return directory

    async def test_the_page_follows_the_hub_by_itself(self, hub: Hub) -> None:
        asked = 0

        async def readiness() -> dict[str, PartState]:
            nonlocal asked
            asked += 1
            return READY if asked == 1 else {**READY, "redis": PartState(False, "no answer")}

        object.__setattr__(hub.parts, "readiness", readiness)

        # On a fast machine Chromium's minutes are over before the status is a second old, which is how long it is kept.
        for minutes in (10, 50, 250):
            asked = 0
            text = text_of(await chromium(str(hub.client.make_url("/")), "--dump-dom", budget_ms=minutes * 60_000))
            if asked > 1 and "Not ready: redis" in text:
                break

        assert "Not ready: redis" in text
        assert asked > 1

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_it_is_drawn_in_light_and_in_dark(self, hub: Hub, pictures: Path, scheme: str) -> None:
        await hub.reviewed(*(f"{n}.py" for n in range(7)))
        await hub.dead_job()
        hub.may_finish.clear()
        await hub.review()
        picture = pictures / f"status-{scheme}.png"
        dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []

        await chromium(str(hub.client.make_url("/")), f"--screenshot={picture}", *dark)

        assert picture.stat().st_size > 10_000
