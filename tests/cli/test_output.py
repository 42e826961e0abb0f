"""What people see, compared with pictures of it in text: `report-80.txt` and `report-120.txt`.

Drawn anew by `python -m tests.cli.test_output`; look at them before you commit them.
"""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from server.cli.client import HubRefused, HubUnreachable
from server.cli.output import a_table, ago, exit_code_of, plain, render_fields, render_report, stdout_console
from server.errors import ConfigurationInvalid, HiveError
from server.reviews.finding import FindingStatus, Severity
from server.reviews.project import Project
from server.reviews.snapshot import Coverage, Report, SkippedFile
from server.reviews.working_tree import NoSuchPath
from tests.cli.reports import a_finding, a_report

PROJECT = Project("github.com/octo/hive", Path("/work/hive"), is_repository=True)


def picture(report: Report, width: int, what: str = "uncommitted changes", limit: int | None = None) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    with console.capture() as captured:
        render_report(console, report, PROJECT, what=what, limit=limit)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


@pytest.mark.parametrize("width", [80, 120])
def test_a_report_looks_like_its_picture(width: int) -> None:
    assert picture(a_report(), width) == _picture_file(width).read_text()


def test_no_line_is_wider_than_the_terminal() -> None:
    long = a_finding(message="word " * 60, why="w" * 300, path="very/long/" * 20 + "a.py", rule="hive." + "long-" * 30)

    for width in (40, 80, 120):
        assert max(map(len, picture(Report((long,), Coverage()), width).splitlines())) <= width


def test_a_clean_report_says_so_and_what_it_is_about() -> None:
    assert picture(Report((), Coverage(full=("a.py",))), 80) == "✓ No findings\nreviewed uncommitted changes, 1 file\n"


def test_nothing_to_review_is_no_praise() -> None:
    nothing = picture(Report((), Coverage(skipped=(SkippedFile("a.png", "binary"),))), 80)

    assert "No findings" not in nothing
    assert nothing.endswith("Nothing was reviewed\nlooked at uncommitted changes, 0 files, 1 not\n")


def test_a_dismissed_finding_is_counted_and_not_shown() -> None:
    shown = picture(Report((a_finding(status=FindingStatus.DISMISSED),), Coverage(full=("a.py",))), 80)

    assert "settings.py" not in shown
    assert shown.startswith("✓ No findings, 1 dismissed\n")


def test_of_many_findings_the_worst_are_shown_and_all_are_counted() -> None:
    many = tuple(a_finding(start_line=line, end_line=line) for line in range(1, 61))

    shown = picture(Report(many, Coverage(full=("a.py",))), 80, limit=50)

    assert "the worst 50 of 60; all of them: --limit 0" in shown
    assert "60 findings" in shown
    assert "the worst" not in picture(Report(many, Coverage(full=("a.py",))), 80)


def test_a_rule_is_explained_once() -> None:
    twice = Report((a_finding(), a_finding(start_line=40)), Coverage())

    assert picture(twice, 120).count("Everybody who can read the code") == 1


def test_many_skipped_files_are_summed_up() -> None:
    skipped = tuple(SkippedFile(f"{n}.png", "binary") for n in range(1000))

    assert "4.png and 995 more" in picture(Report((), Coverage(skipped=skipped)), 80)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\n[red]markup[/red] :bomb: \u202e \x00 https://example.org"


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    finding = a_finding(rule=HOSTILE, message=HOSTILE, why=HOSTILE, path=HOSTILE)
    coverage = Coverage(skipped=(SkippedFile(HOSTILE, HOSTILE),))

    shown = picture(Report((finding,), coverage), 200, what=HOSTILE)

    assert not set(shown) & {"\x1b", "\x07", "\r", "\x00", "\u202e"}
    assert "[red]markup[/red] :bomb:" in shown


def test_names_of_keys_and_reasons_of_dead_letters_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = a_table("name")
    table.add_row(plain(HOSTILE))

    console = stdout_console()
    console.print(table)
    render_fields(console, [("reason", HOSTILE)])

    assert capsys.readouterr().out.count("[red]markup[/red] :bomb:") == 2


@given(st.text())
def test_plain_text_is_printable_whatever_it_was(text: str) -> None:
    assert plain(text).isprintable()


def test_severities_stand_out() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard", highlight=False)
    with console.capture() as captured:
        render_report(console, a_report(), PROJECT)

    assert "\x1b[1;91mcritical" in captured.get()
    assert "file:///work/hive/src/settings.py" in captured.get()


EXIT_CODES = [
    (NoSuchPath("no"), 2),
    (ConfigurationInvalid("no"), 2),
    (HubRefused(404, "no such job"), 2),
    (HubRefused(413, "too large"), 2),
    (HubRefused(401, "wrong key"), 3),
    (HubRefused(503, "Postgres does not answer"), 3),
    (HubUnreachable("no hub"), 3),
    (HiveError("anything"), 3),
]


@pytest.mark.parametrize(("error", "code"), EXIT_CODES, ids=[f"{type(e).__name__} {e}" for e, _ in EXIT_CODES])
def test_an_error_has_its_exit_code(error: HiveError, code: int) -> None:
    assert exit_code_of(error) == code


AGES = [
    (0, "0 s ago"),
    (59, "59 s ago"),
    (90, "2 min ago"),
    (3 * 3600, "3 h ago"),
    (3 * 86400, "3 days ago"),
    (-600, "in 10 min"),
]


@pytest.mark.parametrize(("seconds", "text"), AGES)
def test_an_age_is_rounded_for_people(seconds: int, text: str) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    assert ago(now - timedelta(seconds=seconds), now=now) == text


def test_the_worst_file_comes_first() -> None:
    findings = (
        a_finding(path="z.py", severity=Severity.CRITICAL),
        a_finding(path="a.py", severity=Severity.LOW),
        a_finding(path="z.py", severity=Severity.LOW),
    )

    lines = picture(Report(findings, Coverage()), 80).splitlines()

    assert [line for line in lines if line.endswith(".py")] == ["z.py", "a.py"]


def _picture_file(width: int) -> Path:
    return Path(__file__).with_name(f"report-{width}.txt")


if __name__ == "__main__":
    for width in (80, 120):
        _picture_file(width).write_text(picture(a_report(), width))
