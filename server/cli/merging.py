"""`hive github merge`: have a pull request merged once it is ready, as `/hive merge` in a comment does."""

import click

from server.cli.operations import CommitSha, act, json_option, repository_argument
from server.cli.output import plain, print_json
from server.github.merging import MergeTold, MergeWanted


@click.command(short_help="Merge a pull request once all that it needs is there.")
@repository_argument
@click.argument("number", type=click.IntRange(min=1))
@click.option("--sha", type=CommitSha(), default="", help="The head that is meant, in full; by default that of now.")
@click.option("--cancel", is_flag=True, help="Take back what was wished before, whoever wished it.")
@json_option
def merge(repository: str, number: int, sha: str, cancel: bool, is_json: bool) -> None:
    """Merge pull request NUMBER once checks, approvals and its project's rules allow it; never a later head.

    What it waits for stands in a comment there, which is kept up to date.
    """
    told = act(repository, "merges", MergeWanted(number, sha, cancel), MergeTold, noun="merge")
    if is_json:
        print_json(told)
    else:
        click.echo(plain(f"{told.note}\n{told.url}" if told.url else told.note))
