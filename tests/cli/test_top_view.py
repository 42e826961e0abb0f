"""What `hive top` shows, at sizes that people have."""

import io
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from rich.console import Console

from server.cli.moments import span, sparkline
from server.cli.top_view import (
    Agent,
    DeadCount,
    Failure,
    Leader,
    Line,
    Load,
    Look,
    Order,
    Overview,
    Part,
    Percentiles,
    Queue,
    Rates,
    draw,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUICK = Percentiles(0.002, 0.0058)


def a_queue(name: str, depth: int = 0, oldest_seconds: float = 0.0) -> Queue:
    return Queue(name, 8, 8, [Line(2, depth, 5, 40, oldest_seconds)], QUICK, Percentiles(0.41, 1.8), QUICK)


def an_agent(name: str, running: int = 0, silent_seconds: float = 0.4) -> Agent:
    return Agent(name, ["review"], 8, "awake", silent_seconds, running)


LOAD = Load(
    Leader(3, "build-7:4121"),
    [a_queue("review", 12_843, 75.0), a_queue("effects")],
    [an_agent("ada", 8), an_agent("two"), an_agent("zoe", silent_seconds=73.0)],
    [Failure("dead", "publish", "GitHub said no", "Forbidden", NOW - timedelta(seconds=14))],
    DeadCount(31, 2),
)
OVERVIEW = Overview(NOW, True, {"redis": Part(True)}, Rates([0, 4, 8] * 20, [0] * 60), LOAD)


def shown(overview: Overview = OVERVIEW, look: Look | None = None, width: int = 80, height: int = 24) -> str:
    console = Console(width=width, height=height, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(draw(overview, look or Look(), where="hub:1", width=width, height=height, fills=True))
    return capture.get()


def with_load(**changes: object) -> Overview:
    return msgspec.structs.replace(OVERVIEW, load=msgspec.structs.replace(LOAD, **changes))


def test_it_tells_what_goes_on() -> None:
    text = shown()

    for said in ("ready", "4.4/s", "0/0/12,843", "75s", "8/8", "2ms/6ms", "410ms/1.8s", "silent", "73s ago", "14s ago",
                 "Forbidden: GitHub said no", "31 jobs, 2 messages", "build-7:4121 (3)", "by name"):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 16), (130, 40), (40, 16), (30, 10), (80, 7)], ids=str)
@pytest.mark.parametrize("many", [0, 3, 500])
def test_it_fits(width: int, height: int, many: int) -> None:
    overview = with_load(
        queues=[a_queue("queue-" + "x" * 60, 10**7, 10**6)] * many,
        agents=[an_agent("agent-" + "x" * 60, 10)] * many,
        failures=[Failure("crashed", "k" * 80, "message " * 40, "E" * 50, NOW)] * min(many, 10),
    )
    for look in (Look(), Look(is_paused=True), Look(trouble="the hub does not answer " * 9)):
        lines = shown(overview, look, width, height).rstrip("\n").split("\n")
        assert len(lines) == height
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [36, 40, 60, 80, 130])
def test_queues_are_known_by_their_names_on_narrow_terminals(width: int) -> None:
    text = shown(with_load(queues=[a_queue("review", 12_843, 75.0), a_queue("effects")]), width=width)

    for said in ("queue ", "review ", "effects ", "12,843"):
        assert said in text, said


def test_what_does_not_fit_is_counted() -> None:
    text = shown(with_load(agents=[an_agent(f"agent-{n}") for n in range(100)]))

    assert "and 9" in text
    assert "more" in text


def test_agents_that_are_silent_come_first_in_every_order() -> None:
    for order in Order:
        text = shown(look=Look(order))
        assert text.index("zoe") < text.index("ada")


def test_queues_come_in_the_order_that_a_person_chose() -> None:
    text = {order: shown(look=Look(order)) for order in Order}

    assert text[Order.NAME].index("effects") < text[Order.NAME].index("review")
    assert text[Order.LOAD].index("review  ") < text[Order.LOAD].index("effects")
    assert Order.TROUBLE.following is Order.NAME


def test_trouble_is_told() -> None:
    assert "not ready: redis" in shown(msgspec.structs.replace(OVERVIEW, parts={"redis": Part(False)}))
    assert "Postgres does not answer" in shown(msgspec.structs.replace(OVERVIEW, load=None))
    assert "the hub does not answer" in shown(look=Look(trouble="the hub does not answer"))
    assert "what is asked for waits" in shown(with_load(agents=[]))


def test_nothing_that_comes_from_elsewhere_is_obeyed() -> None:
    evil = "\x1b]0;owned\x07"
    text = shown(
        with_load(
            queues=[a_queue(evil)],
            agents=[an_agent(evil)],
            failures=[Failure(evil, evil, evil, evil, NOW)],
            leader=Leader(1, evil),
        )
    )

    assert "\x1b]" not in text
    assert "\x07" not in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0ms"), (0.0001, "<1ms"), (0.002, "2ms"), (0.9994, "999ms"), (0.9999, "1.0s"), (1.84, "1.8s"), (75, "75s"),
     (420, "7.0m"), (5000, "83m"), (10_800, "3.0h"), (200_000, "2d")],
)  # fmt: skip
def test_durations_are_short(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_a_sparkline_has_a_place_for_each_value() -> None:
    assert sparkline([0, 1, 4, 8]) == " ▂▅█"
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "  "
