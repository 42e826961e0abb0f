"""What commands that work on GitHub share: which repository is meant, and a result that a job of the hub brings."""

import os
import re
from typing import Any, TypeVar
from urllib.parse import urlencode

import click
from rich.console import Console

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.waiting import result_of

T = TypeVar("T")


class RepositoryName(click.ParamType[str]):
    """GitHub's `OWNER/REPO`."""

    name = "OWNER/REPO"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"[\w-]{1,100}/[\w.-]{1,100}", value, re.ASCII):
            self.fail(f"{value!r} is no repository; name it as OWNER/REPO", param, ctx)
        return value


class CommitSha(click.ParamType[str]):
    name = "SHA"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", value):
            self.fail(f"{value!r} is no whole SHA; git rev-parse {value} says it", param, ctx)
        return value


repository_argument = click.argument("repository", type=RepositoryName(), metavar="OWNER/REPO")
sha_argument = click.argument("sha", type=CommitSha())
json_option = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


def read(repository: str, what: str, shape: type[T], *, noun: str, **query: str | int | None) -> T:
    """The result of asking for *what* of the repository. *noun*: what is waited for. Raises as `result_of`."""
    client = _hub()
    given = {name: value for name, value in query.items() if value is not None}
    return _awaited(client, client.get(_address(repository, what), wait=0, **given), shape, noun)


def act(repository: str, what: str, wish: Any, shape: type[T], *, noun: str) -> T:
    """The result of sending *wish* to *what* of the repository."""
    client = _hub()
    return _awaited(client, client.post(f"{_address(repository, what)}?{urlencode({'wait': 0})}", wish), shape, noun)


def _hub() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))


def _address(repository: str, what: str) -> str:
    return f"{address('github', *repository.split('/'))}/{what}"


def _awaited(client: HubClient, accepted: Any, shape: type[T], noun: str) -> T:
    return result_of(client, str(accepted["job"]), shape, Console(stderr=True), what=noun)
