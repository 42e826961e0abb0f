"""`hive devices`: let an editor elsewhere in that shows a code, and log in on a hub elsewhere (RFC 8628)."""

import http.client
import os
import socket
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import click
import msgspec

from server.cli.client import HubClient, HubRefused, HubUnreachable, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, stdout_console

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
TIMEOUT_SECONDS = 30.0
MAX_ANSWER_BYTES = 64 * 1024
SLOWER_BY_SECONDS = 5.0

T = TypeVar("T")

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


class Waiting(msgspec.Struct, frozen=True):
    name: str
    project: str | None
    asked_at: datetime
    expires_at: datetime


class Given(msgspec.Struct, frozen=True):
    """RFC 8628, section 3.2."""

    device_code: str
    user_code: str
    expires_in: float
    interval: float = 5.0


class Answered(msgspec.Struct, frozen=True):
    """A token, or why there is none."""

    access_token: str = ""
    error: str = ""


class Door(Protocol):
    """*page*: where an operator of the hub decides, by the address that leads there from here."""

    @property
    def page(self) -> str: ...

    def ask(self, what: str, form: dict[str, str], shape: type[T]) -> T: ...


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def devices(context: click.Context, is_json: bool) -> None:
    """Editors that log in here. Without a command: those that wait to be let in."""
    if context.invoked_subcommand is not None:
        if is_json:
            raise click.UsageError("--json stands behind the command", context)
        return
    waiting = msgspec.convert(_client().get(address("device"))["waiting"], list[Waiting])
    if is_json:
        print_json(waiting)
        return
    table = a_table("device", "project", "asked")
    for one in waiting:
        table.add_row(plain(one.name), plain(one.project or "all"), ago(one.asked_at))
    stdout_console().print(table)


@devices.command(short_help="Let the device in that shows CODE.")
@click.argument("code")
@click.option("--project", help="The only project that its key will see, in place of what it asked for.")
@as_json
def approve(code: str, project: str | None, is_json: bool) -> None:
    """Let the device in that shows CODE: it gets a key with the scope write, good for 90 days."""
    _decided("approve", {"user_code": code, "project": project}, is_json)


@devices.command()
@click.argument("code")
@as_json
def deny(code: str, is_json: bool) -> None:
    """Do not let the device in that shows CODE."""
    _decided("deny", {"user_code": code}, is_json)


@devices.command(short_help="Log in on the hub at URL and print its key.")
@click.argument("url")
@click.option("--name", default=lambda: f"editor on {socket.gethostname()}"[:100], help="What the device calls itself.")
@click.option("--project", default="", help="The only project that its key will see.")
def login(url: str, name: str, project: str) -> None:
    """Log in on the hub at URL and print its key, to be kept in HIVE_TOKEN. Waits until an operator there approves."""
    click.echo(wait_for_key(_HubDoor(url), name, project, tell=lambda text: click.echo(text, err=True)))


def wait_for_key(
    door: Door,
    name: str,
    project: str,
    *,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """The key, once it is approved. Raises `HubRefused` when it is not."""
    given = door.ask("code", {"client_id": name, "scope": project}, Given)
    code = plain(given.user_code)
    tell(f"To let this device in, an operator enters {code} at {door.page}, or runs there: hive devices approve {code}")
    interval, waited = given.interval, 0.0
    while waited < given.expires_in:
        sleep(interval)
        waited += interval
        answer = door.ask(
            "token",
            {"grant_type": GRANT_TYPE, "device_code": given.device_code, "client_id": name},
            Answered,
        )
        if answer.access_token:
            return answer.access_token
        if answer.error == "slow_down":
            interval += SLOWER_BY_SECONDS
        elif answer.error == "access_denied":
            raise HubRefused(403, "the operator did not let this device in")
        elif answer.error != "authorization_pending":
            break
    raise HubRefused(410, "the code expired before an operator approved it", hint="begin again")


class _HubDoor:
    """The two addresses of a hub that ask for no key."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url.replace("wss://", "https://", 1).replace("ws://", "http://", 1))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise HubUnreachable(f"{url} is no address of a hub", hint="for example https://hive.example.com")
        self._parts = parts
        self.page = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/device"

    def ask(self, what: str, form: dict[str, str], shape: type[T]) -> T:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        assert self._parts.hostname is not None
        connection = kind(self._parts.hostname, self._parts.port, timeout=TIMEOUT_SECONDS)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request("POST", address("device", what), urlencode(form), headers)
            answer = connection.getresponse()
            body = answer.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise HubUnreachable(f"the hub cannot be reached: {error}") from error
        finally:
            connection.close()
        if answer.status not in (200, 400):
            raise HubRefused(answer.status, f"the hub answered {answer.status} {answer.reason}")
        try:
            return msgspec.json.decode(body, type=shape)
        except msgspec.MsgspecError as error:
            raise HubRefused(answer.status, "the hub does not know such a login") from error


def _decided(what: str, wish: dict[str, str | None], is_json: bool) -> None:
    decided = _client().post(address("device", what), wish)
    if is_json:
        print_json(decided)
        return
    one = msgspec.convert(decided, Waiting)
    done = "may come in" if what == "approve" else "stays out"
    click.echo(f"{plain(one.name)} ({plain(one.project or 'all projects')}) {done}")


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
