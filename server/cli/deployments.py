"""`hive github deployments` and `hive github status`: deployments, and how they and commits stand."""

from typing import TypeVar

import click
import msgspec

from server.cli.operations import act, json_option, read, repository_argument, sha_argument
from server.cli.output import plain, print_json
from server.errors import ConfigurationInvalid
from server.github.deployments import (
    CheckState,
    Deployment,
    Deployments,
    DeploymentState,
    NewCommitStatus,
    NewDeployment,
    NewDeploymentStatus,
    Status,
)

W = TypeVar("W")

description_option = click.option("--description", default="", help="For people, at most 140 characters.")


@click.group()
def deployments() -> None:
    """Deployments: list, make one, say how one stands.

    GitHub deploys nothing itself: a deployment says that a commit goes to an environment, and whoever deploys reports
    its statuses.
    """


@deployments.command("list")
@repository_argument
@click.option("--environment", default="", help="Only of this one.")
@click.option("--sha", default="", help="Only of this commit.")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True)
@json_option
def list_deployments(repository: str, environment: str, sha: str, limit: int, is_json: bool) -> None:
    """The newest first, each with its last state."""
    found = read(
        repository,
        "deployments",
        Deployments,
        noun="list of deployments",
        environment=environment,
        sha=sha,
        limit=limit,
    )
    if is_json:
        print_json(found)
        return
    for deployment in found.deployments:
        click.echo(plain(_line(deployment)))


@deployments.command()
@repository_argument
@sha_argument
@click.argument("environment")
@click.option("--task", default="deploy", show_default=True, help="What is done.")
@click.option("--check", "checks", multiple=True, help="Has to be good on the commit; by default all that it has do.")
@click.option("--no-checks", is_flag=True, help="None has to be good.")
@click.option("--production/--no-production", "is_production", default=None, help="People use it, or not.")
@click.option("--transient", "is_transient", is_flag=True, help="The environment will go away.")
@description_option
@json_option
def create(
    repository: str,
    sha: str,
    environment: str,
    task: str,
    checks: tuple[str, ...],
    no_checks: bool,
    is_production: bool | None,
    is_transient: bool,
    description: str,
    is_json: bool,
) -> None:
    """Tell GitHub that the commit SHA (in full) goes to ENVIRONMENT.

    GitHub refuses it while a check of the commit is not good.
    """
    wish = _checked(
        NewDeployment(
            sha,
            environment,
            task,
            description,
            required_checks=checks or (() if no_checks else None),
            is_production=is_production,
            is_transient=is_transient,
        )
    )
    made = act(repository, "deployments", wish, Deployment, noun="deployment")
    if is_json:
        print_json(made)
    else:
        click.echo(plain(_line(made)))


@deployments.command("status")
@repository_argument
@click.argument("deployment", type=click.IntRange(min=1))
@click.argument("state", type=click.Choice([state.value for state in DeploymentState]))
@click.option("--log-url", default="", help="Where its output is read.")
@click.option("--url", default="", help="Where the environment itself is.")
@description_option
@json_option
def set_status(
    repository: str, deployment: int, state: str, log_url: str, url: str, description: str, is_json: bool
) -> None:
    """Say how a deployment stands; what was said last already is not said again."""
    wish = _checked(NewDeploymentStatus(deployment, DeploymentState(state), description, log_url, url))
    _print(act(repository, "deployment-statuses", wish, Status, noun="status"), is_json)


@click.command("status", short_help="Say how a check of a commit stands.")
@repository_argument
@sha_argument
@click.argument("state", type=click.Choice([state.value for state in CheckState]))
@click.option("--context", default="agent-hive", show_default=True, help="The name under which the check speaks.")
@click.option("--url", default="", help="Where more is to be read.")
@description_option
@json_option
def commit_status(
    repository: str, sha: str, state: str, context: str, url: str, description: str, is_json: bool
) -> None:
    """Say how a check of the commit SHA (in full) stands; what was said last already is not said again."""
    wish = _checked(NewCommitStatus(sha, CheckState(state), context, description, url))
    _print(act(repository, "commit-statuses", wish, Status, noun="status"), is_json)


def _checked(wish: W) -> W:
    """Before the hub is asked: what GitHub would not take is told at once."""
    try:
        return msgspec.convert(msgspec.to_builtins(wish), type(wish))
    except msgspec.ValidationError as error:
        hint = "an address begins with https://, texts have one line"
        raise ConfigurationInvalid(f"GitHub would not take that: {error}", hint=hint) from None


def _line(deployment: Deployment) -> str:
    at = f"{deployment.created_at:%Y-%m-%d %H:%M}"
    state = deployment.state or "no status yet"
    return f"{deployment.id}  {deployment.environment}  {state}  {deployment.sha[:12]}  {deployment.task}  {at}"


def _print(status: Status, is_json: bool) -> None:
    if is_json:
        print_json(status)
    else:
        click.echo(plain(f"{status.state}{' (as it was said before)' if status.was_there else ''}"))
