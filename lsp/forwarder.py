"""`hive lsp`: join an editor's stdin and stdout to the hub's TCP port or websocket, starting a hub when none runs.

An editor starts this each time, so it imports little. Finds hubs and starts them; `line.py` joins and keeps the line.
"""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from lsp.line import End, Line, Reached, frame, notice_silence, write
from server.data_directory import default_data_directory
from server.errors import HiveError
from server.launch import ensure_hub, run_file, running_hub

USAGE = """\
usage: hive lsp [--hub URL]

Speak LSP on stdin and stdout, for an editor that starts its language servers. Starts a hub when none runs,
or when it was killed; waits for one that was stopped, and tells it all that the editor told the last one.

  --hub URL   use the hub at this address, as HIVE_URL does: wss://hive.example.com for one behind TLS

environment:
  HIVE_DATA   the hub's data directory
  HIVE_URL    use the hub at this address instead; needs HIVE_TOKEN. With https:// or wss:// by its websocket
  HIVE_LSP    host:port of that hub's LSP door (default: the host of HIVE_URL, port 8643)
  HIVE_TOKEN  an API key of that hub with the scope write
"""

DEFAULT_LSP_PORT = 8643
PARENT_LOOK_SECONDS = 2.0
EXIT_NO_HUB = 3
USE_TLS = "use wss:// and a hub behind TLS"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Target(NamedTuple):
    address: str
    token: str


class HubNotNamed(HiveError):
    """The environment names a hub, but not enough to reach it."""


def main(argv: list[str]) -> int:
    """Returns the exit code: 0 when the editor ended it, 2 usage, 3 no hub, 4 the hub went away for good."""
    # Editors' client libraries add arguments of their own, such as --stdio and --clientProcessId.
    if any(argument in ("-h", "--help") for argument in argv):
        print(USAGE, end="")
        return 0
    env = _with_hub_of(argv, os.environ)
    if env is None:
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        target = find_target(env)
        if target == _named(env) and is_exposed(target.address):
            print(f"Agent Hive: the key and your code go to {target.address} in plain text; {USE_TLS}", file=sys.stderr)
        first = _connect(target)
    except HiveError as error:
        _say(f"Agent Hive: {error}" + (f" ({error.hint})" if error.hint else ""))
        return EXIT_NO_HUB
    threading.Thread(target=_end_with_parent, daemon=True).start()
    end = Line(first, lambda: _reach_again(env)).run()
    if end is End.HUB_WENT_AWAY:
        _say("Agent Hive: the hub went away; restart the language server to start it again.")
    return end


def _with_hub_of(argv: list[str], env: Mapping[str, str]) -> Mapping[str, str] | None:
    """*env* with the hub that is named by `--hub`; None for what is no usage."""
    named = ""
    rest = iter(argv)
    for argument in rest:
        if argument == "--hub":
            named = next(rest, "")
        elif argument.startswith("--hub="):
            named = argument.removeprefix("--hub=")
        elif not argument.startswith("--"):
            return None
        else:
            continue
        if not named:
            return None
    return {**env, "HIVE_URL": named} if named else env


def find_target(env: Mapping[str, str]) -> Target:
    """The hub that *env* names, else the one of the data directory, started if need be. Raises `HiveError`."""
    return _named(env) or _started(env)


def is_exposed(address: str) -> bool:
    """Whether what is said to that door leaves this machine as it is."""
    return "://" not in address and address.rpartition(":")[0] not in LOOPBACK


def _reach_again(env: Mapping[str, str]) -> Reached | None:
    """As before, after the line broke. A hub that was killed is started again; one that was stopped stays stopped."""
    named = _named(env)
    if named is not None:
        return _connect(named)
    data_dir = default_data_directory(env)
    hub = running_hub(data_dir)
    if hub is not None:
        return _connect(Target(hub.lsp, hub.token))
    return _connect(_started(env)) if run_file(data_dir).exists() else None  # who stops takes its file away


def _named(env: Mapping[str, str]) -> Target | None:
    url, address, token = env.get("HIVE_URL", ""), env.get("HIVE_LSP", ""), env.get("HIVE_TOKEN", "")
    if not url and not (address and token):
        return None
    if not token:
        raise HubNotNamed("HIVE_URL is set, HIVE_TOKEN is not", hint="make a key with: hive keys create")
    if (websocket := _websocket_of(url)) and not address:
        return Target(websocket, token)
    return Target(address or f"{_host(url)}:{DEFAULT_LSP_PORT}", token)


def _started(env: Mapping[str, str]) -> Target:
    hub = ensure_hub(env, announce=lambda text: print(text, file=sys.stderr, flush=True))
    return Target(hub.lsp, hub.token)


def _websocket_of(url: str) -> str:
    """Its address where *url* asks for one, else "". In plain text only on this machine: a key would be anybody's."""
    scheme, separator, rest = url.partition("://")
    kind = {"https": "wss", "wss": "wss", "ws": "ws"}.get(scheme.lower(), "") if separator else ""
    if kind == "ws" and _host(url) not in LOOPBACK:
        raise HubNotNamed("HIVE_URL would send the key in plain text", hint=USE_TLS)
    place, _, path = rest.partition("/")
    return f"{kind}://{place}/{path or 'lsp'}" if kind and _host(url) else ""


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise HubNotNamed("HIVE_URL is not a URL", hint="for example http://127.0.0.1:8642")
    return f"[{host}]" if ":" in host else host


def _connect(target: Target) -> Reached:
    address = target.address
    if "://" in address:
        from lsp.hub_websocket import HubWebsocket  # here: TLS takes long to import, and most hubs are on this machine

        return Reached(HubWebsocket.connect(address, target.token), target.token)
    try:
        parts = urlsplit(f"//{address}")
        hub = socket.create_connection((parts.hostname or "", parts.port or DEFAULT_LSP_PORT), timeout=10.0)
    except (OSError, ValueError) as error:
        raise HubNotNamed(f"cannot reach the hub's LSP door at {address}: {error}", hint="try: hive doctor") from error
    hub.settimeout(None)
    hub.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    notice_silence(hub)
    return Reached(hub, target.token)


def _end_with_parent() -> None:
    """An editor that was killed leaves us its pipes sometimes; a server without an editor shall not stay."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_SECONDS)
    os._exit(0)


def _say(text: str) -> None:
    """To the person at the editor: LSP allows showMessage before the answer to `initialize`."""
    print(text, file=sys.stderr, flush=True)
    message = {"jsonrpc": "2.0", "method": "window/showMessage", "params": {"type": 1, "message": text}}
    with contextlib.suppress(OSError):  # the editor may be gone too
        write(frame(json.dumps(message).encode()))
