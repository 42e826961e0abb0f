"""What commands show people: reports, tables of jobs and keys, errors. Decides how it looks, never what it is.

Everything shown may come from hostile code or from another machine: it is printed as text without markup, and control
characters are made visible.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.cli.client import HubRefused
from server.errors import ConfigurationInvalid, HiveError
from server.reviews.asks import Bill
from server.reviews.finding import Finding, FindingStatus, Severity
from server.reviews.git import CannotCollect
from server.reviews.project import Project
from server.reviews.snapshot import Report, SkippedFile, Thinking

EXIT_BAD_INPUT = 2
EXIT_HUB = 3

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold bright_red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
}
STATE_STYLES = {
    "waiting": "dim",
    "queued": "cyan",
    "running": "bold cyan",
    "succeeded": "green",
    "dead": "red",
    "cancelled": "dim",
    "paused": "yellow",
    "compensating": "yellow",
    "compensated": "dim",
}
WIDE = 100
"""From this many columns on a finding's rule stands beside its message, not below."""
SKIPPED_SHOWN = 5
PIPE_WIDTH = 120


def print_error(error: HiveError) -> None:
    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(Text.assemble(("error: ", "bold red"), plain(str(error), keep_lines=True)))
    if error.hint:
        console.print(Text.assemble(("hint:  ", "bold cyan"), plain(error.hint, keep_lines=True)))


def stdout_console() -> Console:
    """Into a pipe or a file goes what a wide terminal shows, without colours."""
    is_narrow_by_accident = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    width = PIPE_WIDTH if is_narrow_by_accident else None
    return Console(highlight=False, markup=False, emoji=False, width=width)


def is_on_terminal() -> bool:
    """Whether there is a person to show something to, and to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def print_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def exit_code_of(error: HiveError) -> int:
    """2 when asking differently helps, 3 when the hub is at fault or away."""
    if isinstance(error, CannotCollect | ConfigurationInvalid):
        return EXIT_BAD_INPUT
    asked_wrong = isinstance(error, HubRefused) and error.status in (400, 404, 409, 413, 422)
    return EXIT_BAD_INPUT if asked_wrong else EXIT_HUB


def plain(text: str, *, keep_lines: bool = False) -> str:
    """The text with what a terminal would obey instead of show made visible."""
    return "".join(c if c.isprintable() or (keep_lines and c == "\n") else repr(c)[1:-1] for c in text)


def render_report(
    console: Console, report: Report, project: Project, *, what: str = "", limit: int | None = None
) -> None:
    """Findings by file, the file with the worst first; then what was covered and one line that sums it up.

    *limit*: how many are shown, the worst; None for all.
    """
    found = [finding for finding in report.findings if finding.status is FindingStatus.OPEN]
    shown = found[:limit]
    explained: set[str] = set()
    for path in dict.fromkeys(finding.path for finding in shown):
        in_file = sorted((f for f in shown if f.path == path), key=lambda f: (f.start_line, f.severity.rank))
        console.print(_file_header(path, project))
        console.print(_findings_table(in_file, shown, explained, console.width))
        console.print()
    _print_coverage(console, report)
    if len(found) > len(shown):
        hint = f"the worst {len(shown)} of {len(found):,}; all of them: --limit 0, --json or --format sarif"
        console.print(Text(hint, style="yellow"))
    if report.thinking is not None:
        _print_thinking(console, report.thinking)
    console.print(_summary(report, found, what))


def _file_header(path: str, project: Project) -> Text:
    return Text(
        plain(path), style=f"bold underline link {(project.root / path).as_uri()}", no_wrap=True, overflow="fold"
    )


def _findings_table(in_file: Sequence[Finding], shown: Sequence[Finding], explained: set[str], width: int) -> Table:
    """Columns as wide as all files need, so that they stand below each other. A rule is explained once."""
    place_width = 2 + max(len(_place(finding)) for finding in shown)
    severity_width = max(len(finding.severity) for finding in shown)
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=place_width, justify="right", style="cyan", no_wrap=True)
    table.add_column(width=severity_width, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    if width >= WIDE:
        rule_width = min(width // 3, max(len(_rule(finding)) for finding in shown))
        table.add_column(width=rule_width, style="dim cyan", justify="right", overflow="fold")
    for finding in in_file:
        severity = Text(finding.severity, style=SEVERITY_STYLES[finding.severity])
        details = _details(finding, explain=finding.rule not in explained)
        explained.add(finding.rule)
        if width >= WIDE:
            message = Text("\n").join([Text(plain(finding.message)), *details])
            table.add_row(_place(finding), severity, message, _rule(finding))
        else:
            room = width - place_width - severity_width - 6
            table.add_row(_place(finding), severity, Text("\n").join([_message_and_rule(finding, room), *details]))
    return table


def _message_and_rule(finding: Finding, room: int) -> Text:
    """On one line if they fit, else below each other."""
    message, rule = plain(finding.message), _rule(finding)
    between = "  " if len(message) + 2 + len(rule) <= room else "\n"
    return Text.assemble(message, between, (rule, "dim cyan"))


def _details(finding: Finding, *, explain: bool) -> list[Text]:
    lines = [Text(plain(finding.why), style="dim")] if (explain or finding.is_from_model) and finding.why else []
    if finding.opinion is not None:
        verdict = "confirmed" if finding.opinion.is_confirmed else "doubted"
        lines.append(Text(f"{verdict} by the model: {plain(finding.opinion.why)}", style="dim"))
    lines += (Text(f"{_spot(r.path, r.start_line)}: {plain(r.message)}", style="dim") for r in finding.related)
    if finding.fix is not None:
        lines.append(Text.assemble(("fix: ", "green"), plain(finding.fix.title)))
    return lines


def _place(finding: Finding) -> str:
    return f"{finding.start_line}:{finding.start_column}"


def _spot(path: str, line: int) -> str:
    return f"{plain(path)}:{line}"


def _rule(finding: Finding) -> str:
    return f"{plain(finding.rule)} · CWE-{finding.cwe}" if finding.cwe is not None else plain(finding.rule)


def _print_coverage(console: Console, report: Report) -> None:
    coverage = report.coverage
    for heading, files in (("reviewed only in part", coverage.partial), ("not reviewed", coverage.skipped)):
        for reason, paths in _by_reason(files).items():
            console.print(_skipped_line(heading, reason, paths))
    if coverage.partial or coverage.skipped:
        console.print()


def _print_thinking(console: Console, thinking: Thinking) -> None:
    """Who read it besides the rules, for how much, and what people should know."""
    if thinking.summary:
        console.print(Text(plain(thinking.summary, keep_lines=True)), end="\n\n")
    for what in thinking.unseen[:SKIPPED_SHOWN]:
        console.print(Text(f"  not looked at by the model: {plain(what)}", style="dim", overflow="fold"))
    if len(thinking.unseen) > SKIPPED_SHOWN:
        console.print(Text(f"  … and {len(thinking.unseen) - SKIPPED_SHOWN:,} more", style="dim"))
    render_flags(console, thinking.flags)
    if thinking.note:
        console.print(Text(f"  {plain(thinking.note)}", style="yellow", overflow="fold"))
    if thinking.model:
        console.print(bill_line(Bill(thinking.model, thinking.cost_microdollars)))


def render_flags(console: Console, flags: Sequence[str]) -> None:
    for flag in flags[:SKIPPED_SHOWN]:
        text = f"  written to a model or hidden from people: {plain(flag)}"
        console.print(Text(text, style="yellow", overflow="fold"))


def bill_line(bill: Bill) -> Text:
    return Text(f"{plain(bill.model)}, ${bill.cost_microdollars / 1_000_000:.4f}", style="dim")


def _by_reason(files: Iterable[SkippedFile]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for file in files:
        paths.setdefault(file.reason, []).append(file.path)
    return paths


def _skipped_line(heading: str, reason: str, paths: Sequence[str]) -> Text:
    shown = ", ".join(plain(path) for path in paths[:SKIPPED_SHOWN])
    more = f" and {len(paths) - SKIPPED_SHOWN:,} more" if len(paths) > SKIPPED_SHOWN else ""
    return Text(f"  {heading} ({plain(reason)}): {shown}{more}", style="dim", overflow="fold")


def _summary(report: Report, open_findings: Sequence[Finding], what: str) -> Text:
    counts: Counter[Severity] = Counter(finding.severity for finding in open_findings)
    parts = [
        Text(f"{counts[severity]} {severity}", style=SEVERITY_STYLES[severity])
        for severity in Severity
        if counts[severity]
    ]
    dismissed = sum(finding.status is FindingStatus.DISMISSED for finding in report.findings)
    if dismissed:
        parts.append(Text(f"{dismissed} dismissed", style="dim"))
    if report.omitted:
        parts.append(Text(f"{report.omitted} more left out", style="dim"))
    verdict = _verdict(report, len(open_findings))
    between = ": " if open_findings and parts else ", " if parts else ""
    found = Text.assemble(verdict, between, Text(", ").join(parts))
    return Text("\n").join([found, Text(_reviewed(report, what), style="dim")])


def _verdict(report: Report, number: int) -> Text:
    if number:
        return Text(_counted(number, "finding"), style="bold")
    if report.coverage.full or report.coverage.partial:
        return Text("✓ No findings", style="bold green")
    return Text("Nothing was reviewed", style="bold")


def _reviewed(report: Report, what: str) -> str:
    coverage = report.coverage
    looked = "reviewed" if coverage.full or coverage.partial else "looked at"
    parts = [plain(what)] if what else []
    parts.append(_counted(len(coverage.full) + len(coverage.partial), "file"))
    if coverage.partial:
        parts.append(f"{len(coverage.partial):,} only in part")
    if coverage.skipped:
        parts.append(f"{len(coverage.skipped):,} not")
    return f"{looked} " + ", ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def a_table(*headings: str) -> Table:
    """Of jobs, keys, dead letters: no lines, the headings quiet."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    return table


def render_fields(console: Console, fields: Iterable[tuple[str, Any]]) -> None:
    """One thing, a line for each of its fields that says something."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields:
        if value not in (None, "", []):
            table.add_row(name, value if isinstance(value, Text) else plain(str(value), keep_lines=True))
    console.print(table)


def state_text(state: str) -> Text:
    return Text(state, style=STATE_STYLES.get(state, ""))


def ago(moment: datetime | None, *, now: datetime | None = None) -> str:
    """`3 min ago`, `in 2 days`, `-` for never."""
    if moment is None:
        return "-"
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    return f"{_amount(seconds)} ago" if seconds >= 0 else f"in {_amount(-seconds)}"


def _amount(seconds: float) -> str:
    for size, unit, limit in _UNITS:
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"


_UNITS = ((1, "s", 90), (60, "min", 90 * 60), (3600, "h", 48 * 3600))
"""Up to the limit in seconds."""
