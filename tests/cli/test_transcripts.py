"""What jobs asked of a model, as commands show it."""

from io import StringIO
from typing import Any

import msgspec
from rich.console import Console

from server.cli.transcripts import ShownReport, ShownTranscript, render_calls, render_talk, render_usage

NONE = {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0}
USAGE = {"input_tokens": 100, "output_tokens": 50, "cache_read_tokens": 20_000, "cache_write_tokens": 0}
REPLY = {"content": [{"type": "text", "text": "It leaks."}], "model": "claude-opus-5-5"}


def a_call(number: int, what: str, name: str, cost: int = 0, error: str = "") -> dict[str, Any]:
    usage = USAGE if what == "model" else NONE
    return {
        "attempt": 1, "number": number, "what": what, "name": name, "at": "2026-11-22T12:00:00Z", "seconds": 1.25,
        "usage": usage, "cost_microdollars": cost, "error": error, "is_kept": True,
    }  # fmt: skip


TRANSCRIPT = {
    "attempt": 1,
    "calls": [a_call(1, "model", "claude-opus-5-5", 12_345), a_call(2, "tool", "re\x1bad", error="refused")],
    "records": {
        "1": {
            "type": "model",
            "system": "You review.",
            "turns": [{"role": "user", "content": [{"type": "text", "text": "Look at \x1b[31mthis"}]}],
            "reply": REPLY,
        },
        "2": {
            "type": "tool",
            "use": {"id": "t", "name": "read", "input": {}},
            "result": {"tool_use_id": "t", "content": "x" * 5000},
        },
    },
    "totals": USAGE | {"cost_microdollars": 12_345},
}


def shown(render: Any, value: object, type_: type) -> str:
    out = StringIO()
    render(Console(file=out, width=120, markup=False, emoji=False), msgspec.convert(value, type_, strict=False))
    return out.getvalue()


def test_each_call_has_a_line_with_tokens_and_cost() -> None:
    text = shown(render_calls, TRANSCRIPT, ShownTranscript)

    assert "1.1   claude-opus-5-5  20.1k in (20.0k cached), 50 out  $0.0123  1.2 s" in text
    assert r"re\x1bad" in text
    assert "refused" in text
    assert "together  $0.0123" in text


def test_a_job_that_asked_nobody_has_no_lines() -> None:
    empty = {"attempt": None, "calls": [], "records": {}, "totals": NONE | {"cost_microdollars": 0}}

    assert shown(render_calls, empty, ShownTranscript) == ""
    assert "nothing was said" in shown(render_talk, empty, ShownTranscript)


def test_a_talk_is_shown_and_not_obeyed() -> None:
    text = shown(render_talk, TRANSCRIPT, ShownTranscript)

    assert "user: Look at \\x1b[31mthis" in text
    assert "claude-opus-5-5: It leaks." in text
    assert "1,000 more characters" in text
    assert "\x1b[31m" not in text


def test_usage_ends_with_the_budgets() -> None:
    row = {"day": "2026-11-22", "project": "o/r", "model": "m", "calls": 3, "jobs": 1, "usage": USAGE}
    report = {
        "rows": [row | {"cost_microdollars": 2_500_000}],
        "totals": USAGE | {"cost_microdollars": 2_500_000},
        "by_day": {"2026-11-22": 2_500_000},
        "limits": {"job": 2_000_000, "project_day": 25_000_000, "day": 100_000_000},
    }
    text = shown(render_usage, report, ShownReport)

    assert "$2.50 in all" in text
    assert "budgets: $2.00 a job, $25.00 a project a day, $100.00 a day" in text
    nobody = report | {"rows": [], "by_day": {}}
    assert "no model was asked" in shown(render_usage, nobody, ShownReport)
