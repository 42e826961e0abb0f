"""How commands show what jobs asked of a model: a line for each call, what was said, and what it cost.

What a model or a repository said is hostile: shown as text, never obeyed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from server.agents.money import dollars
from server.cli.output import a_table, plain

SHOWN_CHARACTERS = 4_000
"""Of one thing that was said; the rest is counted."""


class Tokens(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def told(self) -> str:
        read = self.input_tokens + self.cache_read_tokens + self.cache_write_tokens
        cached = f" ({_count(self.cache_read_tokens)} cached)" if self.cache_read_tokens else ""
        return f"{_count(read)} in{cached}, {_count(self.output_tokens)} out" if read + self.output_tokens else ""


class ShownCall(msgspec.Struct, frozen=True):
    """A call, as the API shows it."""

    attempt: int
    number: int
    what: str
    name: str
    at: datetime
    seconds: float
    usage: Tokens
    cost_microdollars: int
    error: str


class ShownTranscript(msgspec.Struct, frozen=True):
    attempt: int | None
    calls: list[ShownCall]
    records: dict[int, dict[str, Any]]
    totals: dict[str, int]


class ShownUsage(msgspec.Struct, frozen=True):
    day: date
    project: str
    model: str
    calls: int
    jobs: int
    usage: Tokens
    cost_microdollars: int


class ShownLimits(msgspec.Struct, frozen=True):
    job: int
    project_day: int
    day: int


class ShownReport(msgspec.Struct, frozen=True):
    rows: list[ShownUsage]
    totals: dict[str, int]
    by_day: dict[date, int]
    limits: ShownLimits


def render_calls(console: Console, transcript: ShownTranscript) -> None:
    """Nothing for a job that asked nobody."""
    if not transcript.calls:
        return
    console.print()
    table = a_table("call", "of", "tokens", "cost", "took", "")
    for call in transcript.calls:
        number = f"{call.attempt}.{call.number}"
        cost = dollars(call.cost_microdollars) if call.what == "model" else ""
        error = Text(plain(call.error), style="red")
        table.add_row(number, plain(call.name), call.usage.told, cost, f"{call.seconds:.1f} s", error)
    console.print(table)
    tokens = msgspec.convert({k: v for k, v in transcript.totals.items() if k != "cost_microdollars"}, Tokens)
    cost = dollars(transcript.totals["cost_microdollars"])
    console.print(Text.assemble(("together  ", "dim"), f"{cost}, {tokens.told}"))


def render_talk(console: Console, transcript: ShownTranscript) -> None:
    """Who said what, in order."""
    if not transcript.records:
        console.print("nothing was said, or it was forgotten")
    for number in sorted(transcript.records):
        record = transcript.records[number]
        console.print(Text(f"— call {transcript.attempt}.{number}", style="bold"))
        for who, said in _said(record):
            console.print(Text.assemble((f"{who}: ", "cyan"), _shown(said)), soft_wrap=True)


def render_usage(console: Console, report: ShownReport) -> None:
    table = a_table("day", "project", "model", "jobs", "calls", "tokens", "cost")
    for row in report.rows:
        names = (plain(row.project), plain(row.model), f"{row.jobs:,}", f"{row.calls:,}")
        table.add_row(str(row.day), *names, row.usage.told, dollars(row.cost_microdollars))
    if report.rows:
        console.print(table)
        console.print()
    spent = dollars(report.totals["cost_microdollars"]) if report.rows else "nothing"
    today = dollars(next(iter(report.by_day.values()))) if report.by_day else "$0.00"
    limits = report.limits
    console.print(f"{spent} in all, {today} on the last of these days" if report.rows else "no model was asked")
    budgets = f"{dollars(limits.job)} a job, {dollars(limits.project_day)} a project a day, {dollars(limits.day)} a day"
    console.print(Text(f"budgets: {budgets}", style="dim"))


def _said(record: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    if record["type"] == "tool":
        return [(f"result of {record['use']['name']}", record["result"]["content"])]
    lines = [("system", record["system"])] if record.get("system") else []
    for turn in record["turns"]:
        lines += [(turn["role"], text) for text in map(_text, turn["content"]) if text]
    reply = record.get("reply")
    return [*lines, *((f"{reply['model']}", text) for text in map(_text, reply["content"]) if text)] if reply else lines


def _text(block: Mapping[str, Any]) -> str:
    match block["type"]:
        case "text":
            return str(block["text"])
        case "tool_use":
            return f"[uses {block['name']} {msgspec.json.encode(block['input']).decode()}]"
        case "tool_result":
            return f"[result] {block['content']}"
        case _:
            return ""


def _shown(text: str) -> str:
    more = len(text) - SHOWN_CHARACTERS
    return plain(text[:SHOWN_CHARACTERS], keep_lines=True) + (f" … {more:,} more characters" if more > 0 else "")


def _count(number: int) -> str:
    return f"{number / 1000:.1f}k" if number >= 10_000 else f"{number:,}"
