"""`hive explain`: what a finding means in this code, and what would mend it."""

import click
from rich.console import Console

from server.cli.asking import meant_findings, render_told
from server.cli.output import print_json
from server.cli.waiting import Interrupted, result_of, started_hub
from server.reviews.asks import FindingQuestion, Told

EXIT_INTERRUPTED = 130


@click.command(epilog="Exit codes: 0 explained, 2 wrong input or no model, 3 no hub or it failed, 130 interrupted.")
@click.argument("finding")
@click.argument("question", required=False, default="")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def explain(finding: str, question: str, is_json: bool) -> int:
    """Have a model explain FINDING: its place (shop/run.py:7), or its fingerprint or the beginning of it.

    QUESTION: what you want to know of it. Needs ANTHROPIC_API_KEY where the hub runs.
    """
    terminal = Console(stderr=True, highlight=False)
    client = started_hub(terminal)
    client.require_model()
    try:
        meant = meant_findings(client, finding, terminal, at_most=1)
        asked = FindingQuestion(meant.snapshot, meant.findings[0], question)
        told = result_of(client, client.start("explanations", asked), Told, terminal, what="explanation")
    except Interrupted:
        return EXIT_INTERRUPTED
    if is_json:
        print_json(told)
    else:
        render_told(told)
    return 0
