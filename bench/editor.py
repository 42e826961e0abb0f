"""From a keystroke to its diagnostics, through a running hub: didChange -> publishDiagnostics of that version.

    python -m bench.editor --lsp 127.0.0.1:8643 --token hive_...

Each editor has a 500-line Python file of its own open and edits it about twice a second, at uneven times, as people
type. Every edit makes a dangerous call come or go, and only the diagnostics that say so count as the answer.
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

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from server.analysis.ruff_rules import SELECTED

LINES = 500
EDITS_PER_SECOND = 2.0
WARM_UP_EDITS = 4
"""Not counted: an idle hub's first reviews of a project."""

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
GOOD, BAD = "answer = len(input())", "answer = eval(input())"


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

    async def diagnostics(self, version: int, *, is_bad: bool) -> float:
        """When those of *version* came that flag the edited line, or do not."""
        async with asyncio.timeout(30):
            while True:
                at, params = await self._published.get()
                flagged = any(d["range"]["start"]["line"] == LINES - 1 for d in params["diagnostics"])
                if params.get("version") == version and flagged == is_bad:
                    return at

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
                body = await self._reader.readexactly(int(header.split(b":")[1]))
                at, message = time.perf_counter(), json.loads(body)
                if message.get("method") == "textDocument/publishDiagnostics":
                    self._published.put_nowait((at, message["params"]))
                elif "method" not in message and message["id"] in self._answers:
                    self._answers.pop(message["id"]).set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass


class Server(NamedTuple):
    """What is measured: how an editor reaches it, and its `initializationOptions`."""

    connect: Callable[[], Awaitable[Editor]]
    options: dict[str, Any]


def hub(address: str, token: str) -> Server:
    async def connect() -> Editor:
        host, _, port = address.rpartition(":")
        return Editor(*await asyncio.open_connection(host.strip("[]"), int(port)))

    return Server(connect, {"token": token})


def ruff() -> Server:
    """The peer: `ruff server` for each editor, on stdio, with the rules that our reviewer asks it for."""

    async def connect() -> Editor:
        command = (find_ruff_bin(), "server", "--isolated")
        process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        return Editor(process.stdout, process.stdin)

    # S307, eval: the edit; our own rules have it, so the reviewer does not ask ruff for it.
    return Server(connect, {"settings": {"logLevel": "error", "lint": {"select": [*SELECTED, "S307"]}}})


async def one_editor(server: Server, folder: Path, number: int, edits: int, until: float) -> dict[str, Any]:
    """*until*: a moment of `perf_counter` after which nothing more is typed."""
    chance = random.Random(number)  # noqa: S311 - the same uneven times in every run
    started = time.perf_counter()
    editor = await server.connect()
    options = {"capabilities": {}, "rootUri": folder.as_uri(), "initializationOptions": server.options}
    answer = await editor.ask("initialize", {"processId": None, **options})
    if "error" in answer:
        raise SystemExit(f"the server refused: {answer['error']['message']}")
    initialized = time.perf_counter()
    editor.tell("initialized", {})

    uri = (folder / f"sample_{number}.py").as_uri()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": sample()}
    sent = time.perf_counter()
    editor.tell("textDocument/didOpen", {"textDocument": item})
    opened = await editor.diagnostics(1, is_bad=False) - sent

    took = []
    for version in range(2, 2 + WARM_UP_EDITS + edits):
        await asyncio.sleep(chance.uniform(0.5, 1.5) / EDITS_PER_SECOND)
        if time.perf_counter() > until:
            break
        is_bad = version % 2 == 0
        before, after = (GOOD, BAD) if is_bad else (BAD, GOOD)
        line = LINES - 1
        span = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": len(before)}}
        change = {"range": span, "text": after}
        sent = time.perf_counter()
        document = {"uri": uri, "version": version}
        editor.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        took.append(await editor.diagnostics(version, is_bad=is_bad) - sent)
    await editor.close()
    return {"connect": initialized - started, "open": opened, "change": took[WARM_UP_EDITS:], "reviews": 1 + len(took)}


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
    changes = [seconds for run in runs for seconds in run["change"]]
    return {
        "editors": editors,
        "edits": len(changes),
        "reviews": sum(run["reviews"] for run in runs),
        "around_kilobytes": around_kilobytes,
        "edits_per_second_each": EDITS_PER_SECOND,
        "connect_p50_ms": percentile([run["connect"] for run in runs], 0.5),
        "open_p50_ms": percentile([run["open"] for run in runs], 0.5),
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
    parser.add_argument("--lsp", help="host:port of the hub's LSP door; without it the peer is measured: ruff server")
    parser.add_argument("--token", help="an API key with the scope write")
    parser.add_argument("--editors", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--edits", type=int, default=40, help="by each editor")
    parser.add_argument("--around", type=int, default=0, help="KiB of other modules in the folder")
    arguments = parser.parse_args()
    server = hub(arguments.lsp, arguments.token) if arguments.lsp else ruff()
    for editors in arguments.editors:
        figures = asyncio.run(
            measure(server, editors=editors, edits=arguments.edits, around_kilobytes=arguments.around)
        )
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
