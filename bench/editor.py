"""From a keystroke to its diagnostics, through a running hub: didChange -> publishDiagnostics of that version.

    python -m bench.editor --lsp 127.0.0.1:8643 --token hive_...
    python -m bench.editor --peer pyright

Each editor has a 500-line Python file of its own open and edits it about twice a second, at uneven times, as people
type: it does not wait for an answer first, unless one is still due when the next edit is. Every edit makes a mistake
come or go, and only the diagnostics that say so count as the answer. No text comes twice, so that none is answered from
memory. Where the mistake is flagged, the editor asks for code actions, as at each light bulb.
"""

import argparse
import asyncio
import itertools
import json
import math
import os
import random
import sys
import tempfile
import time
from asyncio import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench.editor_peers import PEERS, Peer

LINES = 500
EDITS_PER_SECOND = 2.0
WARM_UP_EDITS = 4
"""Not counted: an idle hub's first reviews of a project."""
CODE_ACTIONS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}}}

FUNCTION = '''
def price_{0}(items, rate, country):
    """The price of all items, with tax where there is one."""
    total = 0
    for item in items:
        if item.kind == "book" and country in REDUCED:
            total += item.net * (1 + rate / 2)
        else:
            total += item.net * (1 + rate)
    return round(total, 2)
'''
GOOD = "answer = len(input())"
DANGEROUS = "answer = eval(input())"


def sample() -> str:
    """500 lines, the last of them the one that is edited."""
    head = 'import os\n\nREDUCED = frozenset({"DE", "FR"})\nhome = os.environ["HOME"]\n'
    per_function = FUNCTION.count("\n")
    functions = (LINES - 1 - head.count("\n")) // per_function
    text = head + "".join(FUNCTION.format(number) for number in range(functions))
    rest = LINES - 1 - text.count("\n")
    return text + "".join(f"LIMIT_{number} = {number}\n" for number in range(rest)) + GOOD + "\n"


def surround(folder: Path, kilobytes: int) -> None:
    """Other modules of a project, that call each other: what a reviewer reads around the open file."""
    text = sample()
    for number in range(math.ceil(1024 * kilobytes / len(text))):
        neighbour = f"from module_{number // 2} import price_1\n" if number else ""
        (folder / f"module_{number}.py").write_text(neighbour + text.replace("price_0", f"price_0_{number}"))


class Editor:
    """Just enough of an LSP client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._published: asyncio.Queue[tuple[float, dict[str, Any]]] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)
        self._listening = asyncio.create_task(self._listen())

    async def ask(self, method: str, params: Any) -> dict[str, Any]:
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        async with asyncio.timeout(30):
            return await self._answers[number]

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    async def diagnostics(self, version: int, *, is_bad: bool) -> tuple[float, list[dict[str, Any]]]:
        """When those of *version* came that flag the edited line, or do not; and what they say of that line."""
        async with asyncio.timeout(30):
            while True:
                at, params = await self._published.get()
                flags = [d for d in params["diagnostics"] if d["range"]["start"]["line"] == LINES - 1]
                if params.get("version") == version and bool(flags) == is_bad:
                    return at, flags

    async def close(self) -> None:
        await self.ask("shutdown", None)
        self.tell("exit", None)
        await asyncio.wait({self._listening}, timeout=5)
        self._writer.close()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _listen(self) -> None:
        try:
            while True:
                header = await self._reader.readuntil(b"\r\n\r\n")
                length = next(line for line in header.split(b"\r\n") if line.startswith(b"Content-Length:"))
                body = await self._reader.readexactly(int(length.partition(b":")[2]))
                at, message = time.perf_counter(), json.loads(body)
                if message.get("method") == "textDocument/publishDiagnostics":
                    self._published.put_nowait((at, message["params"]))
                elif "method" in message and "id" in message:
                    asked = message.get("params", {}).get("items", ())  # of workspace/configuration
                    self._send({"id": message["id"], "result": [None for _ in asked] or None})
                elif "method" not in message and message["id"] in self._answers:
                    self._answers.pop(message["id"]).set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass


class Server(NamedTuple):
    """What is measured: how an editor reaches it, its `initializationOptions`, and a line that it flags."""

    connect: Callable[[], Awaitable[Editor]]
    options: dict[str, Any]
    bad: str = DANGEROUS


def hub(address: str, token: str) -> Server:
    async def connect() -> Editor:
        host, _, port = address.rpartition(":")
        return Editor(*await asyncio.open_connection(host.strip("[]"), int(port)))

    return Server(connect, {"token": token})


def peer_server(peer: Peer) -> Server:
    """A process on stdio for each editor."""

    async def connect() -> Editor:
        process = await asyncio.create_subprocess_exec(
            *peer.command(),
            env=peer.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        return Editor(process.stdout, process.stdin)

    return Server(connect, peer.options, peer.bad)


class Run(NamedTuple):
    """What one editor saw, in seconds."""

    connect: float
    open: float
    changes: list[float]
    actions: list[float]
    reviews: int
    typed: float
    """For how long it typed what is counted."""


async def one_editor(server: Server, folder: Path, number: int, edits: int, until: float) -> Run:
    """*until*: a moment of `perf_counter` after which nothing more is typed."""
    started = time.perf_counter()
    editor = await server.connect()
    await _introduce(editor, server, folder)
    initialized = time.perf_counter()

    uri = (folder / f"sample_{number}.py").as_uri()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": sample()}
    sent = time.perf_counter()
    editor.tell("textDocument/didOpen", {"textDocument": item})
    at, _ = await editor.diagnostics(1, is_bad=False)
    opened = at - sent

    chance = random.Random(number)  # noqa: S311 - the same uneven times in every run
    changes, actions = [], []
    due = time.perf_counter()
    began, before = due, GOOD
    for version in range(2, 2 + WARM_UP_EDITS + edits):
        due += chance.uniform(0.5, 1.5) / EDITS_PER_SECOND
        await asyncio.sleep(due - time.perf_counter())
        if time.perf_counter() > until:
            break
        if version == 2 + WARM_UP_EDITS:
            began = time.perf_counter()
        is_bad = version % 2 == 0
        after = f"{server.bad if is_bad else GOOD}  # {version}"
        span = {"start": {"line": LINES - 1, "character": 0}, "end": {"line": LINES - 1, "character": len(before)}}
        sent = time.perf_counter()
        document = {"uri": uri, "version": version}
        change = {"range": span, "text": after}
        editor.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        at, flags = await editor.diagnostics(version, is_bad=is_bad)
        changes.append(at - sent)
        if is_bad:
            actions.append(await _code_actions(editor, uri, flags))
        before = after
    typed = time.perf_counter() - began
    await editor.close()
    return Run(
        initialized - started, opened, changes[WARM_UP_EDITS:], actions[WARM_UP_EDITS // 2 :], 1 + len(changes), typed
    )


async def _introduce(editor: Editor, server: Server, folder: Path) -> None:
    publishing = {"textDocument": {"publishDiagnostics": {"versionSupport": True}, "codeAction": CODE_ACTIONS}}
    options = {"capabilities": publishing, "rootUri": folder.as_uri(), "initializationOptions": server.options}
    answer = await editor.ask("initialize", {"processId": None, **options})
    if "error" in answer:
        raise SystemExit(f"the server refused: {answer['error']['message']}")
    editor.tell("initialized", {})


async def _code_actions(editor: Editor, uri: str, flags: list[dict[str, Any]]) -> float:
    """Seconds until the server said what can be done about what it flagged."""
    asked = time.perf_counter()
    where = {"textDocument": {"uri": uri}, "range": flags[0]["range"], "context": {"diagnostics": flags}}
    answer = await editor.ask("textDocument/codeAction", where)
    took = time.perf_counter() - asked
    if "error" in answer:
        raise SystemExit(f"no code actions: {answer['error']['message']}")
    return took


async def measure(
    server: Server, *, editors: int, edits: int, around_kilobytes: int = 0, seconds: float = math.inf
) -> dict[str, float]:
    """Milliseconds. *edits* of each editor are counted, or those that it makes in *seconds*."""
    until = time.perf_counter() + seconds
    with tempfile.TemporaryDirectory() as folder:
        surround(Path(folder), around_kilobytes)
        runs = await asyncio.gather(
            *(one_editor(server, Path(folder), number, edits, until) for number in range(editors))
        )
    changes = [seconds for run in runs for seconds in run.changes]
    actions = [seconds for run in runs for seconds in run.actions]
    return {
        "editors": editors,
        "edits": len(changes),
        "reviews": sum(run.reviews for run in runs),
        "around_kilobytes": around_kilobytes,
        "edits_per_second": round(sum(len(run.changes) / run.typed for run in runs), 1),
        "connect_p50_ms": percentile([run.connect for run in runs], 0.5),
        "open_p50_ms": percentile([run.open for run in runs], 0.5),
        "action_p50_ms": percentile(actions, 0.5),
        "action_p95_ms": percentile(actions, 0.95),
        "change_p50_ms": percentile(changes, 0.5),
        "change_p95_ms": percentile(changes, 0.95),
        "change_max_ms": percentile(changes, 1.0),
    }


async def measure_start(address: str, token: str, *, starts: int = 10) -> dict[str, float]:
    """Milliseconds from starting `hive lsp` to the answer to `initialize`, the hub being warm."""
    env = {**os.environ, "HIVE_LSP": address, "HIVE_TOKEN": token}
    took = []
    for _ in range(starts):
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            "lsp",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        editor = Editor(process.stdout, process.stdin)
        await editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        took.append(time.perf_counter() - started)
        await editor.close()
        await process.wait()
    return {"starts": starts, "start_p50_ms": percentile(took, 0.5), "start_p95_ms": percentile(took, 0.95)}


def percentile(seconds: list[float], share: float) -> float:
    ranked = sorted(seconds)
    return round(1000 * ranked[max(0, math.ceil(share * len(ranked)) - 1)], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lsp", help="host:port of the hub's LSP door; without it a peer is measured")
    parser.add_argument("--token", help="an API key with the scope write")
    parser.add_argument("--peer", choices=PEERS, default="ruff server")
    parser.add_argument("--editors", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--edits", type=int, default=40, help="by each editor")
    parser.add_argument("--around", type=int, default=0, help="KiB of other modules in the folder")
    arguments = parser.parse_args()
    server = hub(arguments.lsp, arguments.token) if arguments.lsp else peer_server(PEERS[arguments.peer])
    for editors in arguments.editors:
        figures = asyncio.run(
            measure(server, editors=editors, edits=arguments.edits, around_kilobytes=arguments.around)
        )
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
