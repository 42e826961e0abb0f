"""`hive github protection`: what protects a branch of a repository on GitHub."""

import click

from server.cli.operations import json_option, read, repository_argument
from server.cli.output import plain, print_json
from server.github.protection import Protection, Rules, Source


@click.group()
def protection() -> None:
    """What protects a branch: look."""


@protection.command()
@repository_argument
@click.argument("branch")
@json_option
def show(repository: str, branch: str, is_json: bool) -> None:
    """What protects BRANCH: all rules that hold, and which mechanism says each.

    Classic protection and rulesets are shown alike; where several protect one branch, GitHub applies them all.
    """
    found = read(repository, "protection", Protection, noun="look at the protection", branch=branch)
    if is_json:
        print_json(found)
        return
    for line in _lines(found):
        click.echo(plain(line))


def _lines(found: Protection) -> list[str]:
    if not found.sources:
        return [f"nothing protects {found.branch} of {found.repository}"]
    lines = [f"{found.branch} of {found.repository}", *described(found.rules)]
    for source in found.sources:
        lines += ["", _heading(source), *described(source.rules)]
        lines += [f"  also: {other}" for other in source.others]
        lines += [f"  need not keep to it: {who}" for who in source.bypass]
    return lines


def _heading(source: Source) -> str:
    if source.via == "classic":
        return "classic protection"
    return f"ruleset {source.name or source.id} of {source.owner}"


def described(rules: Rules) -> list[str]:
    """One line for each rule that demands something."""
    return [f"  {name}: {shown(getattr(rules, name))}" for name in Rules.__struct_fields__ if _demands(rules, name)]


def _demands(rules: Rules, name: str) -> bool:
    return bool(getattr(rules, name) != getattr(Rules(), name))


def shown(value: object) -> str:
    """Of a rule, for people."""
    match value:
        case None:
            return "no pull request needed"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return (
                ", ".join(f"{check.name} (app {check.app})" if check.app else check.name for check in value) or "none"
            )
        case _:
            return str(value)
