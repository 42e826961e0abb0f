"""`hive feedback`: which rules people reject, and which they take up."""

import os

import click
import msgspec

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, plain, print_json, stdout_console


class Row(msgspec.Struct, frozen=True):
    """As the API shows it."""

    rule: str
    findings: int
    fixed: int
    dismissed: int
    liked: int
    disliked: int
    resolved: int
    applied: int
    rejected: int


@click.command()
@click.option("--project", help="Only of this project.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many rules.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def feedback(project: str | None, limit: int, is_json: bool) -> None:
    """How people take each rule, the most rejected first.

    Rejected is what was dismissed, or got a thumb down on GitHub. A rule that is rejected more often than mended is one
    to switch off, or to lower, in [severities] of .hive.toml.
    """
    client = HubClient(lambda: named_or_running_hub(os.environ))
    rules = client.get(address("feedback"), project=project, limit=limit)["rules"]
    if is_json:
        print_json(rules)
        return
    if not rules:
        click.echo("nothing was found yet")
        return
    table = a_table(
        "rule", "findings", "rejected", "dismissed", "thumbs down", "thumbs up", "applied", "resolved", "fixed"
    )
    for row in msgspec.convert(rules, list[Row]):
        counts = (row.findings, row.rejected, row.dismissed, row.disliked, row.liked, row.applied, row.resolved)
        table.add_row(plain(row.rule), *(f"{count:,}" for count in (*counts, row.fixed)))
    stdout_console().print(table)
