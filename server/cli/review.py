"""`hive review`: collect, send through the hub, wait, show."""

import os
import shlex
from pathlib import Path

import click
import msgspec
from rich.console import Console

from server.analysis.external.imported import Imported
from server.analysis.language import language_name
from server.cli import report_files
from server.cli.output import PIPE_WIDTH, plain, render_report, stdout_console
from server.cli.report_files import imported_findings, known_findings, without_known
from server.cli.waiting import Interrupted, result_of, say, started_hub
from server.reviews.configuration import FILE_NAME, Configuration, judged, without_left_out
from server.reviews.finding import FindingStatus, Severity
from server.reviews.git import CannotCollect
from server.reviews.project_configuration import configuration_of
from server.reviews.sarif import to_sarif
from server.reviews.snapshot import Coverage, Report
from server.reviews.words import with_words
from server.reviews.working_tree import Collected, collect

EXIT_FOUND = 1
EXIT_INTERRUPTED = 130

TABLE, JSON, SARIF = "table", "json", "sarif"
NEVER = "never"
FILE: click.Path = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Exit codes: 0 clean, 1 found something, 2 wrong input, 3 no hub or it failed, 130 interrupted.")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--base", metavar="REV", help="Review the changes since the merge base with REV.")
@click.option("--head", metavar="REV", help="Up to REV, not to the working tree; without --base, that commit alone.")
@click.option("--all", "everything", is_flag=True, help="Review all files, changed or not: the default with PATH.")
@click.option("--changed", is_flag=True, help="Review what is not committed, or the last commit: the default without.")
@click.option("--thorough", is_flag=True, help="Have a model read it too: needs ANTHROPIC_API_KEY where the hub runs.")
@click.option(
    "--format", "form", type=click.Choice([TABLE, JSON, SARIF]), default=TABLE, show_default=True, help="How to print."
)
@click.option("--json", "form", flag_value=JSON, help="The same as --format json.")
@click.option(
    "--fail-on",
    type=click.Choice([*(severity.value for severity in Severity), NEVER]),
    default=Severity.HIGH.value,
    show_default=True,
    help="Exit with 1 when there is a finding at least as severe.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="How many findings the table shows, the worst; 0 for all.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write there instead of printing.",
)
@click.option("--baseline", metavar="FILE", type=FILE, help="Leave out the findings that stand in this file.")
@click.option("--write-baseline", metavar="FILE", type=FILE, help="Write all findings there, as known from now on.")
@click.option(
    "--import",
    "reports",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Add what another tool reported: SARIF, Checkstyle, or JSON of ESLint, Ruff, Bandit, Pylint, mypy.",
)
@click.option("--linters", is_flag=True, help="Run the linters that .hive.toml names, and add what they report.")
def review(
    path: Path | None,
    base: str | None,
    head: str | None,
    everything: bool,
    changed: bool,
    thorough: bool,
    form: str,
    fail_on: str,
    limit: int,
    output: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    reports: tuple[Path, ...],
    linters: bool,
) -> int:
    """Review through the hub, which is started if none runs.

    PATH is reviewed whole. Without it the repository around you: what is not committed yet, or the last commit when
    there is nothing; a folder without git is reviewed whole here too.
    """
    if changed and (everything or base or head):
        raise CannotCollect("--changed goes with neither --all nor --base nor --head")
    everything = everything or (path is not None and not (changed or base or head))
    if output is not None and not output.absolute().parent.is_dir():
        raise CannotCollect(f"there is no folder {str(output.parent)!r} to write to")
    known, imported = known_findings(baseline), imported_findings(reports)
    collected = collect(path or Path(), os.environ, base=base, head=head, everything=everything)
    configuration = _configuration_of(collected)
    collected = collected._replace(snapshot=without_left_out(collected.snapshot, configuration, language_name))
    if linters:
        imported += _linted(collected, configuration)
    try:
        report = _report_of(collected, thorough=thorough)
    except Interrupted:
        return EXIT_INTERRUPTED
    if imported:
        from server.analysis.external.merge import merge  # here: few ask for it, and it knows every rule

        report = merge(report, imported, collected.snapshot, collected.project.root)
    report = judged(report, configuration)
    if write_baseline is not None:
        report_files.write_baseline(write_baseline, report)
        say(Console(stderr=True), f"{len(report.findings):,} findings are known from now on: {write_baseline}")
    report, known_count = without_known(report, known)
    if known_count:
        say(Console(stderr=True), f"{known_count:,} known findings are left out")
    _show(report, collected, form, output, limit or None)
    if write_baseline is not None:
        return 0
    return EXIT_FOUND if fail_on != NEVER and _has_at_least(report, Severity(fail_on)) else 0


def _configuration_of(collected: Collected) -> Configuration:
    snapshot = collected.snapshot
    return configuration_of(collected.project, snapshot.base_sha, snapshot.head_sha, os.environ)


def _linted(collected: Collected, configuration: Configuration) -> list[Imported]:
    from server.cli.linters import run_linter  # here: few ask for it

    if collected.snapshot.head_sha:
        raise CannotCollect("linters read the working tree, not a commit", hint="leave out --linters, or --head")
    if not configuration.linters:
        hint = f"{FILE_NAME} is read from the commit that changes are compared with; see: hive config schema"
        raise CannotCollect(f"no linter is named in {FILE_NAME}", hint=hint)
    found: list[Imported] = []
    for linter in configuration.linters:
        say(Console(stderr=True), plain(f"running {linter.name}: {shlex.join(linter.command)}"))
        found += run_linter(linter, collected.project.root, os.environ)
    return found


def _report_of(collected: Collected, *, thorough: bool) -> Report:
    if not collected.snapshot.files:
        return Report((), Coverage(skipped=collected.snapshot.skipped))
    terminal = Console(stderr=True, highlight=False)
    client = started_hub(terminal)
    snapshot = with_words(collected, os.environ) if thorough else collected.snapshot
    job = client.start_review(snapshot, thorough=thorough)
    return result_of(client, job, Report, terminal, what="review")


def _show(report: Report, collected: Collected, form: str, output: Path | None, limit: int | None) -> None:
    if form == TABLE and output is None:
        render_report(stdout_console(), report, collected.project, what=collected.what, limit=limit)
    elif output is None:
        click.echo(_as_text(report, collected, form, limit))
    else:
        _write(output, _as_text(report, collected, form, limit) + "\n")


def _as_text(report: Report, collected: Collected, form: str, limit: int | None) -> str:
    if form == JSON:
        return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    if form == SARIF:
        from importlib.metadata import version  # here: nobody else waits for these

        from server.analysis.pages import text_of_rule

        snapshot = collected.snapshot
        log = to_sarif(
            report,
            project=snapshot.project,
            head_sha=snapshot.head_sha,
            version=version("agent-hive"),
            about=text_of_rule,
        )
        return msgspec.json.format(msgspec.json.encode(log), indent=2).decode()
    paper = Console(width=PIPE_WIDTH, highlight=False, color_system=None, force_terminal=False)
    with paper.capture() as captured:
        render_report(paper, report, collected.project, what=collected.what, limit=limit)
    return captured.get().rstrip("\n")


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotCollect(f"cannot write {str(output)!r}: {error.strerror}") from error


def _has_at_least(report: Report, severity: Severity) -> bool:
    return any(f.severity.rank <= severity.rank for f in report.findings if f.status is FindingStatus.OPEN)
