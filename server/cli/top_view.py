"""How `hive top` looks. Pure: what the hub said goes in, something to print comes out.

Everything fits into the given size; what does not is counted. Text from elsewhere is made harmless by `output.plain`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from server.cli.moments import span, sparkline
from server.cli.output import plain

SILENT_SECONDS = 15.0
"""An agent unheard of for longer counts as gone."""
PRIORITIES = ("interactive", "pull request", "batch")
RATE_WIDTH = 40
WIDE = 110
"""From this many columns on there is room for more of each queue."""


T = TypeVar("T")
_Key: TypeAlias = tuple[float, str]


class Order(StrEnum):
    """What comes first in the lists."""

    NAME = "name"
    LOAD = "load"
    TROUBLE = "trouble"

    @property
    def following(self) -> "Order":
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]


class Part(msgspec.Struct, frozen=True):
    ready: bool
    note: str = ""


class Leader(msgspec.Struct, frozen=True):
    epoch: int
    hub: str | None


class Line(msgspec.Struct, frozen=True):
    priority: int
    depth: int
    held: int
    delayed: int
    oldest_seconds: float


class Percentiles(msgspec.Struct, frozen=True):
    p50_seconds: float
    p95_seconds: float


class Queue(msgspec.Struct, frozen=True):
    queue: str
    running: int
    capacity: int
    lines: Sequence[Line]
    waited: Percentiles | None = None
    ran: Percentiles | None = None
    through: Percentiles | None = None

    @property
    def depth(self) -> int:
        return sum(line.depth for line in self.lines)

    @property
    def oldest_seconds(self) -> float:
        return max((line.oldest_seconds for line in self.lines), default=0.0)


class Agent(msgspec.Struct, frozen=True):
    name: str
    queues: Sequence[str]
    capacity: int
    state: str
    silent_seconds: float
    running: int

    @property
    def is_silent(self) -> bool:
        return self.silent_seconds > SILENT_SECONDS


class Failure(msgspec.Struct, frozen=True):
    type: str
    kind: str
    message: str
    error_class: str | None
    at: datetime


class DeadCount(msgspec.Struct, frozen=True):
    jobs: int
    messages: int | None


class Load(msgspec.Struct, frozen=True):
    leader: Leader | None
    queues: Sequence[Queue]
    agents: Sequence[Agent]
    failures: Sequence[Failure]
    dead: DeadCount


class Rates(msgspec.Struct, frozen=True):
    succeeded: Sequence[int]
    failed: Sequence[int]


class Overview(msgspec.Struct, frozen=True):
    """As the API tells it: see `server/api/overview.py`."""

    at: datetime
    ready: bool
    parts: Mapping[str, Part]
    rates: Rates
    load: Load | None


class Look(msgspec.Struct, frozen=True):
    """What the person who watches chose. *trouble*: why there is nothing new."""

    order: Order = Order.NAME
    is_paused: bool = False
    trouble: str = ""


def draw(overview: Overview, look: Look, *, where: str, width: int, height: int, fills: bool = False) -> RenderableType:
    """What fits into *width* by *height*; with the last line at the bottom, if it *fills* a screen."""
    head = [_header(overview, look, where, width), *_rates(overview.rates)]
    foot = _footer(overview.load, look if fills else None, width)
    if overview.load is None:
        body: list[RenderableType] = [Text("Postgres does not answer, so nobody knows the rest.", style="red")]
        lines = 1
    else:
        load, below = overview.load, height - len(head) - 1
        parts = min(3, max(1, below // (HEADING + 1)))  # where it is too low the last are left out
        rows = _share(below - parts * HEADING, [len(load.queues), len(load.agents), len(load.failures)][:parts])
        drawn: list[Callable[[], RenderableType]] = [
            lambda: _queues(load.queues, look.order, rows[0], width),
            lambda: _agents(load.agents, look.order, rows[1], width),
            lambda: _failures(load.failures, overview.at, rows[2], width),
        ]
        body = [each for part in drawn[:parts] for each in (Text(), part())]
        lines = sum(rows) + parts * HEADING
    empty = height - len(head) - lines - 1 if fills else 1
    return Group(*head, *body, *[Text()] * empty, foot)


HEADING = 2
"""An empty line and a heading."""


def _share(rows: int, things: Sequence[int]) -> list[int]:
    """Rows for each list, of so many *things*: each gets what it needs, if there is enough."""
    wanted = [max(1, count) for count in things]
    shares = [min(want, max(1, rows // len(wanted))) for want in wanted]
    for place, want in enumerate(wanted):
        shares[place] += min(want - shares[place], max(0, rows - sum(shares)))
    return shares


def _header(overview: Overview, look: Look, where: str, width: int) -> Text:
    missing = [name for name, part in overview.parts.items() if not part.ready]
    if look.trouble:
        state = Text(plain(look.trouble), style="bold red")
    elif missing:
        state = Text(f"not ready: {', '.join(missing)}", style="bold red")
    else:
        state = Text("ready", style="green")
    is_old = look.is_paused or bool(look.trouble)
    at = f"{'as of ' if is_old else ''}{overview.at.astimezone(UTC):%H:%M:%S} UTC"
    right = Text.assemble(
        ("paused, " if look.is_paused else "", "bold yellow"), (at, "bold yellow" if is_old else "dim")
    )
    left = Text.assemble(("hive top", "bold"), "  ", (where, "dim"), "  ", state)
    left.truncate(max(0, width - right.cell_len - 2), overflow="ellipsis")
    return left.append(" " * max(2, width - left.cell_len - right.cell_len)).append_text(right)


def _rates(rates: Rates) -> Iterable[Text]:
    for name, values, style in (("done", rates.succeeded, "green"), ("failed", rates.failed, "red")):
        lately = values[-10:]
        per_second = sum(lately) / max(1, len(lately))
        shown = sparkline([float(value) for value in values[-RATE_WIDTH:]])
        yield Text.assemble(
            (f"{name:<8}", "dim"),
            (f"{_rate(per_second):>7}/s  ", "bold" if per_second else "dim"),
            (f"{shown:>{RATE_WIDTH}}", style),
            (f"  {sum(values):,} in a minute", "dim"),
            no_wrap=True,
            overflow="ellipsis",
        )


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 or per_second == 0 else f"{per_second:.1f}"


def _queues(queues: Sequence[Queue], order: Order, rows: int, width: int) -> Table:
    wide = width >= WIDE
    depths = PRIORITIES if wide else ("int/pr/batch",)
    latencies = ("wait 50/95", "run 50/95", *(("door 50/95",) if wide else ()))
    headings = ("queue", *depths, "oldest", "held", "later", "busy", *latencies)
    keys: dict[Order, Callable[[Queue], _Key]] = {
        Order.NAME: lambda queue: (0.0, queue.queue),
        Order.LOAD: lambda queue: (-queue.depth, queue.queue),
        Order.TROUBLE: lambda queue: (-queue.oldest_seconds, queue.queue),
    }
    shown, more = _first(sorted(queues, key=keys[order]), rows)
    cells = [list(_queue(queue, wide=wide)) for queue in shown]
    kept = _fitting(headings, cells, width)
    table = _table(*(headings[column] for column in kept))
    for row in cells:
        table.add_row(*(row[column] for column in kept))
    if not queues:
        more = Text("none: nobody works, and nothing waits", style="dim")
    if more:
        table.add_row(more)
    return table


LEAST_NEEDED = ("door 50/95", "run 50/95", "later", "held", "wait 50/95", "busy", "oldest")
"""Columns that are left out one by one where there is no room for a queue's name."""
NAME_WIDTH = 16


def _fitting(headings: Sequence[str], rows: Sequence[Sequence[Text]], width: int) -> list[int]:
    """The columns for which there is room. The first is a name, of which some may be cut off."""
    widths = [max(len(heading), *(row[at].cell_len for row in rows), 0) for at, heading in enumerate(headings)]
    widths[0] = min(widths[0], NAME_WIDTH)
    kept = list(range(len(headings)))
    for least in LEAST_NEEDED:
        if sum(widths[column] + 1 for column in kept) <= width + 1:
            break
        kept = [column for column in kept if headings[column] != least]
    return kept


def _queue(queue: Queue, *, wide: bool) -> Iterable[Text]:
    depths = [_number(sum(line.depth for line in queue.lines if line.priority == p)) for p in range(len(PRIORITIES))]
    yield Text(plain(queue.queue), style="bold")
    yield from depths if wide else [Text("/").join(depths)]
    yield _age(queue.oldest_seconds) if queue.depth else Text("-", style="dim")
    yield _number(sum(line.held for line in queue.lines))
    yield _number(sum(line.delayed for line in queue.lines))
    yield _busy(queue.running, queue.capacity)
    yield _percentiles(queue.waited)
    yield _percentiles(queue.ran)
    if wide:
        yield _percentiles(queue.through)


def _agents(agents: Sequence[Agent], order: Order, rows: int, width: int) -> Table:
    """The silent first, whatever the order."""
    table = _table("agent", "state", "takes", "busy", "heard", words=3)
    keys: dict[Order, Callable[[Agent], _Key]] = {
        Order.NAME: lambda agent: (0.0, agent.name),
        Order.LOAD: lambda agent: (-agent.running, agent.name),
        Order.TROUBLE: lambda agent: (-agent.silent_seconds, agent.name),
    }
    by_order = sorted(agents, key=keys[order])
    shown, more = _first(sorted(by_order, key=lambda agent: not agent.is_silent), rows)
    for agent in shown:
        style = "bold red" if agent.is_silent else ""
        table.add_row(
            _cut(agent.name, width // 3),
            Text("silent" if agent.is_silent else plain(agent.state), style=style),
            _cut(", ".join(agent.queues), width // 4),
            _busy(agent.running, agent.capacity),
            Text(f"{span(agent.silent_seconds)} ago", style=style or "dim"),
        )
    if not agents:
        more = Text("none: what is asked for waits", style="yellow")
    if more:
        table.add_row(more)
    return table


def _failures(failures: Sequence[Failure], now: datetime, rows: int, width: int) -> Table:
    table = _table("failed", "as", "kind", "why", words=4)
    if not failures:
        table.add_row(Text("nothing lately", style="dim"))
    for failure in failures[:rows]:
        error = f"{failure.error_class}: " if failure.error_class else ""
        table.add_row(
            Text(f"{span(max(0.0, (now - failure.at).total_seconds()))} ago", style="dim"),
            Text(plain(failure.type), style="bold red" if failure.type == "dead" else "yellow"),
            _cut(failure.kind, width // 4),
            Text.assemble((plain(error), "dim"), plain(failure.message), no_wrap=True, overflow="ellipsis"),
        )
    return table


def _footer(load: Load | None, look: Look | None, width: int) -> Text:
    """Without *look* nobody is there to press keys."""
    left = Text()
    if load is not None:
        messages = "?" if load.dead.messages is None else f"{load.dead.messages:,}"
        is_clean = not load.dead.jobs and not load.dead.messages
        left.append(f"dead: {load.dead.jobs:,} jobs, {messages} messages", "dim" if is_clean else "red")
        if load.leader is not None:
            left.append(f"  leader: {plain(load.leader.hub or 'a hub that is gone')} ({load.leader.epoch})", "dim")
    right = Text()
    if look is not None:
        right = Text.assemble(("q", "bold"), " quit  ", ("p", "bold"), " pause  ", ("s", "bold"), f" by {look.order}")
    left.truncate(max(0, width - right.cell_len - 2), overflow="ellipsis")
    return left.append(" " * max(1, width - left.cell_len - right.cell_len)).append_text(right)


def _table(*headings: str, words: int = 1) -> Table:
    """The first *words* columns hold words, the last of them takes the room that is left; the others hold numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim", expand=True)
    for place, heading in enumerate(headings):
        table.add_column(
            heading,
            justify="left" if place < words else "right",
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if place == words - 1 else None,
        )
    return table


def _first(things: Sequence[T], rows: int) -> tuple[Sequence[T], Text | None]:
    """As many as there are rows; the last row tells of the rest."""
    if len(things) <= rows:
        return things, None
    shown = max(0, rows - 1)
    return things[:shown], Text(f"and {len(things) - shown:,} more", style="dim")


def _busy(running: int, capacity: int) -> Text:
    style = "bold yellow" if running >= capacity > 0 else "" if running else "dim"
    return Text(f"{running:,}/{capacity:,}", style=style)


def _number(count: int) -> Text:
    return Text(f"{count:,}", style="" if count else "dim")


def _age(seconds: float) -> Text:
    return Text(span(seconds), style="bold red" if seconds > 60 else "yellow" if seconds > 5 else "")


def _percentiles(given: Percentiles | None) -> Text:
    if given is None:
        return Text("-", style="dim")
    return Text(f"{span(given.p50_seconds)}/{span(given.p95_seconds)}")


def _cut(text: str, width: int) -> Text:
    cut = Text(plain(text), no_wrap=True, overflow="ellipsis")
    cut.truncate(max(4, width), overflow="ellipsis")
    return cut
