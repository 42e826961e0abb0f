"""`hive top`: what goes on in the hive, live.

Hears keys and asks the hub; `top_view.py` draws.
"""

import contextlib
import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Iterator

import click
import msgspec
from rich.console import Console
from rich.live import Live

from server.cli.client import HubClient, HubRefused, HubUnreachable, address, named_or_running_hub
from server.cli.output import is_on_terminal, print_json, stdout_console
from server.cli.top_view import Look, Overview, draw

REFRESH_SECONDS = 1.0
DRAW_SECONDS = 0.25
"""How old at most what came from the hub is when it is drawn. A key is heard at once."""

ONCE_HEIGHT = 60
CTRL_C = "\x03"


@click.command()
@click.option("--once", is_flag=True, help="Show it once; needs no terminal.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON; goes with --once.")
def top(once: bool, is_json: bool) -> None:
    """Watch queues, rates, durations, agents and failures. Keys: q quit, p pause, s sort."""
    if is_json and not once:
        raise click.UsageError("--json goes with --once")
    if not once and (not is_on_terminal() or os.environ.get("TERM", "dumb") == "dumb"):
        raise click.UsageError("this needs a terminal; hive top --once does not")
    client = HubClient(lambda: named_or_running_hub(os.environ))
    answer = client.get(address("overview"))
    if not once:
        _watch(Console(highlight=False, markup=False, emoji=False), msgspec.convert(answer, Overview))
    elif is_json:
        print_json(answer)
    else:
        console = stdout_console()
        overview = msgspec.convert(answer, Overview)
        console.print(draw(overview, Look(), where=_where(), width=console.width, height=ONCE_HEIGHT))


class _Asking(threading.Thread):
    """Asks the hub every second, also when it is slow or away: the keys are heard meanwhile."""

    def __init__(self, first: Overview) -> None:
        super().__init__(daemon=True)
        self.overview = first
        self.where = _where()
        self.trouble = ""
        self._ended = threading.Event()

    def run(self) -> None:
        client: HubClient | None = None
        while not self._ended.wait(REFRESH_SECONDS):
            try:
                if client is None:
                    client, self.where = HubClient(lambda: named_or_running_hub(os.environ)), _where()
                self.overview = msgspec.convert(client.get(address("overview")), Overview)
                self.trouble = ""
            except (HubUnreachable, HubRefused) as error:
                self.trouble = "the hub does not answer" if isinstance(error, HubUnreachable) else str(error)
                client = None  # one that was started again is at another place

    def end(self) -> None:
        self._ended.set()


def _watch(console: Console, first: Overview) -> None:
    """Until a person leaves: q, Ctrl-C or Ctrl-D."""
    asking = _Asking(first)
    asking.start()
    look, shown, drawn = Look(), first, None
    try:
        with _keys_one_by_one(), Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                look = msgspec.structs.replace(look, trouble=asking.trouble)
                shown = shown if look.is_paused else asking.overview
                width, height = console.size
                if drawn != (shown.at, look, width, height):
                    drawn = (shown.at, look, width, height)
                    screen = draw(shown, look, where=asking.where, width=width, height=height, fills=True)
                    live.update(screen, refresh=True)
                key = _key(DRAW_SECONDS)
                if key in ("q", "Q", CTRL_C, ""):
                    return
                look = _after(key, look)
    except KeyboardInterrupt:
        return
    finally:
        asking.end()


def _after(key: str | None, look: Look) -> Look:
    if key in ("p", "P", " "):
        return msgspec.structs.replace(look, is_paused=not look.is_paused)
    if key in ("s", "S"):
        return msgspec.structs.replace(look, order=look.order.following)
    return look


@contextlib.contextmanager
def _keys_one_by_one() -> Iterator[None]:
    """No waiting for Return, no echo; as it was afterwards."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _key(seconds: float) -> str | None:
    """The key that is pressed within the time; "" when the terminal has gone away."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return os.read(sys.stdin.fileno(), 1).decode(errors="replace") if ready else None


def _where() -> str:
    return named_or_running_hub(os.environ).url.rpartition("@")[2].removeprefix("http://").removeprefix("https://")
