"""`hive analytics`: what a repository's history comes to. Reads git alone: no hub, no network."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from server.cli.history_view import history_lines
from server.cli.output import plain, print_json
from server.history import commits as git_history
from server.history.figures import History, figures
from server.reviews.git import CannotCollect, Git
from server.reviews.project import identify_project

UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}


class Period(click.ParamType[timedelta]):
    """`90d`, `12w`, `6m` (of 30 days), `2y`."""

    name = "PERIOD"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"([1-9]\d{0,3})([dwmy])", value)
        if match is None:
            self.fail(f"{value!r} is no period; write 90d, 12w, 6m or 2y", param, ctx)
        return timedelta(days=int(match[1]) * UNITS[match[2]])


since_option = click.option(
    "--since", type=Period(), default="90d", show_default=True, help="How far back: 90d, 12w, 6m, 2y."
)


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@since_option
@click.option("--head", default="HEAD", show_default=True, help="The commit whose history is read.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def analytics(path: Path, since: timedelta, head: str, is_json: bool) -> None:
    """What the history of the repository at PATH comes to: churn, hotspots, ownership, bus factor, lead time.

    \b
    churn       lines added and deleted; of merges nothing, of renames only what differs
    hotspots    files by changes times lines at the head: often changed and large
    ownership   by directory: who changed how much of all lines changed there
    bus factor  the fewest people who changed more than half of those lines
    lead time   from the first commit of a change until its merge commit (DORA counts
                until production, of which git knows nothing)

    All of it from git alone; hive github analytics adds pull requests.
    """
    with Console(stderr=True).status("reading the history"):  # on a terminal
        found = read_history(path, head, datetime.now(UTC) - since)
    if is_json:
        print_json(found)
        return
    for line in history_lines(found):
        click.echo(plain(line))


def read_history(path: Path, head: str, since: datetime) -> History:
    """Raises `CannotCollect`."""
    project = identify_project(path)
    if not project.is_repository:
        raise CannotCollect(f"{path} is no git repository", hint="history is all that this looks at")
    git = Git(project.root, os.environ)
    sha = git.commit(head)
    listed = git_history.read_commits(git.output(*git_history.list_command(sha, since)))
    parents = git.output(*git_history.PARENTS_COMMAND, stdin=git_history.parentless(listed))
    cut_off = git_history.read_cut_off(listed, parents)
    changes = git.output(*git_history.CHANGES_COMMAND, stdin=git_history.changing(listed, cut_off))
    sizes = git.output(*git_history.sizes_command(git.empty_tree(), sha))
    return figures(sha, since, git_history.with_changes(listed, changes), git_history.read_sizes(sizes), len(cut_off))
