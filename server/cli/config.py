"""`hive config`: what a project says about its reviews in `.hive.toml`, checked; and the schema of that file."""

from pathlib import Path

import click
import msgspec

from server.cli.output import plain
from server.reviews.auto_review import told_of
from server.reviews.chores_told import told_of_chores
from server.reviews.configuration import FILE_NAME, Configuration, means, read_configuration, to_schema
from server.reviews.git import CannotCollect
from server.reviews.project import identify_project
from server.reviews.working_files import Skip, WorkingFiles, text_of


@click.group()
def config() -> None:
    """What a project says about its reviews, in `.hive.toml`."""


@config.command(short_help="Say what a project's file means, or what is wrong with it.")
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True), default=Path())
def check(path: Path) -> int:
    """Say what the file of the project at PATH means, or what is wrong with it."""
    project = identify_project(path)
    try:
        text = text_of(WorkingFiles(project.root).read(FILE_NAME))
    except Skip as skip:
        raise CannotCollect(f"{project.root / FILE_NAME}: {skip}", hint="see: hive config schema") from skip
    configuration = read_configuration(text)
    for line in _told(configuration):
        click.echo(plain(line))
    unknown = _unknown_rules(configuration)
    for name in unknown:
        click.echo(plain(f"no rule is called {name}: hive rules lists them"), err=True)
    return 1 if unknown else 0


@config.command()
def schema() -> None:
    """Print the JSON Schema of `.hive.toml`, for editors."""
    click.echo(msgspec.json.format(msgspec.json.encode(to_schema()), indent=2).decode())


def _told(configuration: Configuration) -> list[str]:
    told = [f"not reviewed: {pattern}" for pattern in configuration.review.leave_out]
    told += [f"{rule}: {level}" for rule, level in configuration.severities.items()]
    told += told_of(configuration.auto_review)
    told += told_of_chores(configuration)
    told += [f"linter {linter.name}: {' '.join(linter.command)}" for linter in configuration.linters]
    told += [f"reviewed only: {name}" for name in configuration.review.languages]
    if (allowed := configuration.commands.allow) is not None:
        told.append(f"commands allowed: {', '.join((*allowed, 'help', 'config'))}")
    told += [f"may command, too: {bot}" for bot in configuration.commands.bots]
    if configuration.github.sarif:
        told.append("each review is uploaded to code scanning")
    return told or ["it changes nothing"]


def _unknown_rules(configuration: Configuration) -> list[str]:
    """Only of our own: what other tools call theirs, they know."""
    from server.analysis.pages import all_rules  # here: it reads every rule there is

    ours = [name for name in configuration.severities if name.startswith(("hive.", "ruff."))]
    known = all_rules()
    return [name for name in ours if not any(means(name, rule) for rule in known)]
