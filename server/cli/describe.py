"""`hive describe`: what a change does, for who will review it."""

import os
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from server.cli.output import bill_line, plain, print_json, render_flags, stdout_console
from server.cli.waiting import Interrupted, result_of, started_hub
from server.reviews.asks import Description
from server.reviews.words import with_words
from server.reviews.working_tree import collect

EXIT_INTERRUPTED = 130


@click.command(epilog="Exit codes: 0 described, 2 wrong input or no model, 3 no hub or it failed, 130 interrupted.")
@click.argument("path", required=False, default=".", type=click.Path(path_type=Path))
@click.option("--base", metavar="REV", help="The changes since the merge base with REV.")
@click.option("--head", metavar="REV", help="Up to REV, not to the working tree; without --base, that commit alone.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def describe(path: Path, base: str | None, head: str | None, is_json: bool) -> int:
    """Have a model describe a change: what is not committed yet, or the last commit when there is nothing.

    Needs ANTHROPIC_API_KEY where the hub runs.
    """
    terminal = Console(stderr=True, highlight=False)
    client = started_hub(terminal)
    client.require_model()
    collected = collect(path, os.environ, base=base, head=head)
    job = client.start("descriptions", with_words(collected, os.environ))
    try:
        described = result_of(client, job, Description, terminal, what="description")
    except Interrupted:
        return EXIT_INTERRUPTED
    if is_json:
        print_json(described)
    else:
        _show(described, stdout_console())
    return 0


def _show(described: Description, console: Console) -> None:
    console.print(Text(plain(described.title), style="bold"), end="\n\n")
    console.print(Text(plain(described.summary, keep_lines=True)), end="\n\n")
    for file in described.files:
        console.print(Text.assemble((plain(file.path), "cyan"), "  ", plain(file.what)))
    for risk in described.risks:
        console.print(Text.assemble(("look at: ", "yellow"), plain(risk)))
    render_flags(console, described.flags)
    console.print(bill_line(described.bill))
