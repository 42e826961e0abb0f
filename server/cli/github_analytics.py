"""`hive github analytics`: what a repository's history and its pull requests on GitHub come to."""

from datetime import timedelta

import click

from server.cli.analytics import since_option
from server.cli.history_view import history_lines, spread_text
from server.cli.operations import json_option, read, repository_argument
from server.cli.output import plain, print_json
from server.github.analytics import Analytics

MAX_DAYS = 730


@click.command("analytics", short_help="What history and merged pull requests come to.")
@repository_argument
@since_option
@click.option("--branch", help="Into which changes were merged; the default branch if it is not named.")
@json_option
def github_analytics(repository: str, since: timedelta, branch: str | None, is_json: bool) -> None:
    """What the repository's history and its merged pull requests come to.

    \b
    lead time    from the first commit of a pull request to its merge (DORA counts
                 until production)
    open time    from opening it to its merge
    review time  from opening it to the first review by another person

    The others are explained by hive analytics --help. What was read is kept: asked again, only what is new is read.
    """
    if since.days > MAX_DAYS:
        raise click.BadParameter("two years at most", param_hint="--since")
    found = read(repository, "analytics", Analytics, noun="look at the history", since_days=since.days, branch=branch)
    if is_json:
        print_json(found)
        return
    for line in [*history_lines(found.history), "", *_pull_lines(found)]:
        click.echo(plain(line))


def _pull_lines(found: Analytics) -> list[str]:
    pulls = found.pulls
    lines = [f"{pulls.merged:,} pull requests merged into {found.branch}, {pulls.unreviewed:,} without a review"]
    spreads = {"lead time": pulls.lead_time, "open time": pulls.open_time, "review time": pulls.review_time}
    lines += [f"  {name:11}  {spread_text(each, 'pull requests')}" for name, each in spreads.items() if each]
    return [*lines, *([found.note] if found.note else [])]
