"""`hive github protection`: what protects a branch of a repository on GitHub, and changes to it."""

import tomllib
from typing import Any, BinaryIO

import click
import msgspec

from server.cli.operations import act, json_option, read, repository_argument
from server.cli.output import plain, print_json
from server.errors import ConfigurationInvalid
from server.github.protection import Protection, Rules, Source, shown
from server.github.protection_plan import DRY_RUN, NOTHING_TO_CHANGE, Applied, ApplyWish, Desired, Plan, Wish

MAX_DOCUMENT_BYTES = 64 * 1024
EXIT_NOT_APPLIED = 1

file_option = click.option(
    "--file",
    "file",
    type=click.File("rb"),
    required=True,
    help="The wish, as TOML or JSON; - for standard input.",
)


@click.group()
def protection() -> None:
    """What protects a branch: look, plan a change, apply it.

    A wish is a document (TOML or JSON) that names rules, for instance

    \b
      approvals = 1
      checks = ["ci"]              # added to those that are required
      drop_checks = ["old-ci"]     # and these are no more
      no_force_pushes = true

    What it does not name stays as it is. The rules: pull_request, approvals, dismiss_stale_reviews,
    code_owner_reviews, last_push_approval, resolved_conversations, checks (a name, or {name, app}), drop_checks,
    up_to_date, signed_commits, linear_history, no_force_pushes, no_deletion, no_creation, locked, admins_too.
    via = "ruleset" with ruleset = "NAME" changes a ruleset of this branch alone instead of classic protection.
    """


@protection.command()
@repository_argument
@click.argument("branch")
@json_option
def show(repository: str, branch: str, is_json: bool) -> None:
    """What protects BRANCH: all rules that hold, and which mechanism says each.

    Classic protection and rulesets are shown alike; where several protect one branch, GitHub applies them all.
    """
    found = read(repository, "protection", Protection, noun="look at the protection", branch=branch)
    _print(found, _lines(found), is_json)


@protection.command()
@repository_argument
@click.argument("branch")
@file_option
@json_option
def plan(repository: str, branch: str, file: BinaryIO, is_json: bool) -> None:
    """What the wish in a file would change about BRANCH; changes nothing."""
    planned = _planned(repository, Wish(branch, _read_wish(file)))
    _print(planned, _plan_lines(planned), is_json)


@protection.command()
@repository_argument
@click.argument("branch")
@file_option
@click.option("--yes", "is_agreed", is_flag=True, help="Change it; without this only the difference is shown.")
@json_option
def apply(repository: str, branch: str, file: BinaryIO, is_agreed: bool, is_json: bool) -> int:
    """Show what the wish in a file changes about BRANCH, and with --yes change exactly that.

    Exit 1 when what protects the branch changed between the plan and the change: then nothing was done.
    """
    wish = Wish(branch, _read_wish(file))
    planned = _planned(repository, wish)
    if not is_json:
        _print(planned, _plan_lines(planned), is_json)
    if not is_agreed or not planned.changes:
        note = f"{DRY_RUN}; --yes applies it" if planned.changes else NOTHING_TO_CHANGE
        _print(Applied(planned, is_applied=False, note=note), [note] if planned.changes else [], is_json)
        return 0
    applied = _apply(repository, wish, planned)
    _print(applied, ["applied" if applied.is_applied else applied.note], is_json)
    return 0 if applied.is_applied else EXIT_NOT_APPLIED


def _apply(repository: str, wish: Wish, planned: Plan) -> Applied:
    agreed = ApplyWish(wish.branch, wish.desired, digest=planned.digest, dry_run=False)
    return act(repository, "protection/apply", agreed, Applied, noun="change of the protection")


def _planned(repository: str, wish: Wish) -> Plan:
    return act(repository, "protection/plan", wish, Plan, noun="plan")


def _read_wish(file: BinaryIO) -> Desired:
    content = file.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise ConfigurationInvalid(f"{file.name} is larger than {MAX_DOCUMENT_BYTES // 1024} KiB")
    try:
        document: Any = (
            msgspec.json.decode(content) if content.lstrip().startswith(b"{") else tomllib.loads(content.decode())
        )
        return msgspec.convert(document, Desired)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        hint = "hive github protection --help lists the rules"
        raise ConfigurationInvalid(f"{file.name}: {error}", hint=hint) from error


def _print(value: object, lines: list[str], is_json: bool) -> None:
    if is_json:
        print_json(value)
        return
    for line in lines:
        click.echo(plain(line))


def _lines(found: Protection) -> list[str]:
    if not found.sources:
        return [f"nothing protects {found.branch} of {found.repository}"]
    lines = [f"{found.branch} of {found.repository}", *_demands(found.rules)]
    for source in found.sources:
        lines += ["", _heading(source), *_demands(source.rules)]
        lines += [f"  also: {other}" for other in source.others]
        lines += [f"  need not keep to it: {who}" for who in source.bypass]
    return lines


def _heading(source: Source) -> str:
    if source.via == "classic":
        return "classic protection"
    return f"ruleset {source.name or source.id} of {source.owner}"


def _demands(rules: Rules) -> list[str]:
    names = (name for name in Rules.__struct_fields__ if getattr(rules, name) != getattr(Rules(), name))
    return [f"  {name}: {shown(getattr(rules, name))}" for name in names]


def _plan_lines(planned: Plan) -> list[str]:
    what = f"ruleset {planned.ruleset}" if planned.ruleset else "classic protection"
    about = f"{what} of {planned.branch}, {planned.repository}"
    if not planned.changes:
        return [f"{about}: {NOTHING_TO_CHANGE}"]
    lines = [f"  {change.line}{'   (demands less than now)' if change.loosens else ''}" for change in planned.changes]
    return [f"{about}{': new' if planned.creates else ''}", *lines]
