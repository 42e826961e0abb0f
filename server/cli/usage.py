"""`hive usage`: what was asked of models, by whom, and what it cost."""

import os

import click
import msgspec

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import print_json, stdout_console
from server.cli.transcripts import ShownReport, render_usage


@click.command()
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="Today is one of them (UTC).")
@click.option("--project", help="Only of this project.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def usage(days: int, project: str | None, is_json: bool) -> None:
    """Tokens and cost by day, project and model; and the budgets.

    What one job cost is in `hive jobs show`.
    """
    report = HubClient(lambda: named_or_running_hub(os.environ)).get(address("usage"), days=days, project=project)
    if is_json:
        print_json(report)
    else:
        render_usage(stdout_console(), msgspec.convert(report, ShownReport, strict=False))
