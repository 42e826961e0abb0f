"""`hive ask`: a question about the code, answered with the places that the answer rests on."""

from pathlib import Path

import click
from rich.console import Console

from server.cli.asking import code_of, render_told
from server.cli.output import print_json
from server.cli.waiting import Interrupted, result_of, started_hub
from server.reviews.asks import MAX_QUESTION_LENGTH, Question, Told
from server.reviews.git import CannotCollect

EXIT_INTERRUPTED = 130


@click.command(epilog="Exit codes: 0 answered, 2 wrong input or no model, 3 no hub or it failed, 130 interrupted.")
@click.argument("question")
@click.argument("path", required=False, default=".", type=click.Path(path_type=Path))
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def ask(question: str, path: Path, is_json: bool) -> int:
    """Ask a model about the code at PATH, by default that around you. Needs ANTHROPIC_API_KEY where the hub runs."""
    if not 0 < len(question.strip()) <= MAX_QUESTION_LENGTH:
        raise CannotCollect(f"a question has 1 to {MAX_QUESTION_LENGTH:,} characters")
    terminal = Console(stderr=True, highlight=False)
    client = started_hub(terminal)
    client.require_model()
    job = client.start("asks", Question(code_of(path), question))
    try:
        told = result_of(client, job, Told, terminal, what="question")
    except Interrupted:
        return EXIT_INTERRUPTED
    if is_json:
        print_json(told)
    else:
        render_told(told)
    return 0
