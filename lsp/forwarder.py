"""`hive lsp`: join an editor's stdin and stdout to the hub's TCP port, starting a hub when none runs.

An editor starts this each time, so it imports little and understands nothing but the first message, `initialize`, into
which it puts the hub's token. Everything else passes as bytes.
"""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from server.errors import HiveError
from server.launch import ensure_hub

USAGE = """\
usage: hive lsp

Speak LSP on stdin and stdout, for an editor that starts its language servers. Starts a hub when none runs.

environment:
  HIVE_DATA   the hub's data directory
  HIVE_URL    use the hub at this address instead; needs HIVE_TOKEN
  HIVE_LSP    host:port of that hub's LSP door (default: the host of HIVE_URL, port 8643)
  HIVE_TOKEN  an API key of that hub with the scope write
"""

DEFAULT_LSP_PORT = 8643
CHUNK_BYTES = 64 * 1024
MAX_HEADER_BYTES = 64 * 1024
PARENT_LOOK_SECONDS = 2.0
EXIT_NO_HUB = 3
EXIT_HUB_WENT_AWAY = 4


class Target(NamedTuple):
    address: str
    token: str


class HubNotNamed(HiveError):
    """The environment names a hub, but not enough to reach it."""


def main(argv: list[str]) -> int:
    """Returns the exit code: 0 when the editor ended it, 2 usage, 3 no hub, 4 the hub went away."""
    # Editors' client libraries add arguments of their own, such as --stdio and --clientProcessId.
    if any(argument in ("-h", "--help") for argument in argv):
        print(USAGE, end="")
        return 0
    if any(not argument.startswith("--") for argument in argv):
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        target = find_target(os.environ)
        hub = _connect(target.address)
    except HiveError as error:
        _say(f"Agent Hive: {error}" + (f" ({error.hint})" if error.hint else ""))
        return EXIT_NO_HUB
    editor = FromEditor(target.token)
    threading.Thread(target=_editor_to_hub, args=(editor, hub), daemon=True).start()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _hub_to_editor(hub)
    if editor.has_ended:
        return 0
    _say("Agent Hive: the hub went away; restart the language server to start it again.")
    return EXIT_HUB_WENT_AWAY


def find_target(env: Mapping[str, str]) -> Target:
    """The hub that *env* names, else the one of the data directory, started if need be. Raises `HiveError`."""
    url, address, token = env.get("HIVE_URL", ""), env.get("HIVE_LSP", ""), env.get("HIVE_TOKEN", "")
    if url or (address and token):
        if not token:
            raise HubNotNamed("HIVE_URL is set, HIVE_TOKEN is not", hint="make a key with: hive keys create")
        return Target(address or f"{_host(url)}:{DEFAULT_LSP_PORT}", token)
    hub = ensure_hub(env, announce=lambda text: print(text, file=sys.stderr, flush=True))
    return Target(hub.lsp, hub.token)


class FromEditor:
    """What the editor sends, with the token put into `initialize` on its way."""

    def __init__(self, token: str) -> None:
        self.has_ended = False
        self._token = token
        self._held = b""
        self._is_introduced = False
        self._tail = b""

    def pass_on(self, chunk: bytes) -> bytes:
        """What of it goes to the hub now. An empty *chunk* is the end."""
        self._tail = (self._tail + chunk)[-128:]
        self.has_ended = not chunk or b'"exit"' in self._tail
        if self._is_introduced:
            return chunk
        self._held += chunk
        out = []
        while not self._is_introduced and (message := self._take_message()) is not None:
            out.append(self._with_token(message))
        if self._is_introduced or (len(self._held) > MAX_HEADER_BYTES and b"\r\n\r\n" not in self._held) or not chunk:
            # Introduced, or no message at all: the hub says what it thinks of that.
            self._is_introduced = True
            out.append(self._held)
            self._held = b""
        return b"".join(out)

    def _take_message(self) -> bytes | None:
        header, separator, rest = self._held.partition(b"\r\n\r\n")
        length = _content_length(header)
        if not separator or length is None or len(rest) < length:
            return None
        self._held = rest[length:]
        return rest[:length]

    def _with_token(self, body: bytes) -> bytes:
        try:
            message: Any = json.loads(body)
        except ValueError:
            return _frame(body)
        if isinstance(message, dict) and message.get("method") == "initialize":
            self._is_introduced = True
            params = message.get("params")
            if isinstance(params, dict):
                options = params.get("initializationOptions") or {}
                if isinstance(options, dict):
                    params["initializationOptions"] = {"token": self._token, **options}
            body = json.dumps(message).encode()
        return _frame(body)


def _content_length(header: bytes) -> int | None:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def _frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise HubNotNamed("HIVE_URL is not a URL", hint="for example http://127.0.0.1:8642")
    return f"[{host}]" if ":" in host else host


def _connect(address: str) -> socket.socket:
    try:
        parts = urlsplit(f"//{address}")
        hub = socket.create_connection((parts.hostname or "", parts.port or DEFAULT_LSP_PORT), timeout=10.0)
    except (OSError, ValueError) as error:
        raise HubNotNamed(f"cannot reach the hub's LSP door at {address}: {error}", hint="try: hive doctor") from error
    hub.settimeout(None)
    hub.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return hub


def _editor_to_hub(editor: FromEditor, hub: socket.socket) -> None:
    try:
        while chunk := os.read(sys.stdin.fileno(), CHUNK_BYTES):
            hub.sendall(editor.pass_on(chunk))
        hub.sendall(editor.pass_on(b""))
        hub.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the hub is gone; the other direction says so


def _hub_to_editor(hub: socket.socket) -> None:
    try:
        while chunk := hub.recv(CHUNK_BYTES):
            _write(chunk)
    except OSError:
        pass  # either side is gone


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
        _write(_frame(json.dumps(message).encode()))


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sys.stdout.fileno(), view) :]
