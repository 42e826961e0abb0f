"""An editor of the tests: speaks LSP over a socket by hand, so that it can also speak it wrongly."""

import asyncio
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import converters, types

LSP = converters.get_converter()
# The one shape of ours that lsprotocol cannot read.
LSP.register_structure_hook(types.NotebookDocumentFilterWithCells, lambda filter_, _: filter_)

DEADLINE_SECONDS = 60.0

VSCODE_LIKE: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}},
    },
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True, "versionSupport": True},
        "codeAction": {
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
        },
    },
}

ASKS_FOR_DIAGNOSTICS: dict[str, Any] = {
    **VSCODE_LIKE,
    "workspace": {**VSCODE_LIKE["workspace"], "diagnostics": {"refreshSupport": True}},
    "textDocument": {**VSCODE_LIKE["textDocument"], "diagnostic": {"dynamicRegistration": True}},
}


class ErrorAnswer(Exception):
    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']} {error['message']}")
        self.code = error["code"]


class Editor:
    """Every message from the hub is kept in `heard`; `until` waits for one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard: list[dict[str, Any]] = []
        self.answers_requests = True
        self.capabilities: dict[str, Any] = {}
        self.asked: dict[Any, str] = {}
        """By the number of the request, its method."""
        self.knows_what_it_asked = True
        self.broken: list[str] = []
        """What the hub said that is not LSP."""
        self._ids = itertools.count(1)
        self._more = asyncio.Condition()
        self._ended = False
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, port: int) -> "Editor":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**26))

    async def start(
        self,
        token: str,
        folder: Path | None = None,
        capabilities: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        params = {
            "processId": None,
            "rootUri": folder and folder.as_uri(),
            "capabilities": VSCODE_LIKE if capabilities is None else capabilities,
            "initializationOptions": {"token": token, **(options or {})},
            "workspaceFolders": [{"uri": folder.as_uri(), "name": "w"}] if folder else None,
        }
        result: dict[str, Any] = await self.ask("initialize", params)
        self.capabilities = result["capabilities"]
        self.tell("initialized", {})
        return result

    def send_bytes(self, data: bytes) -> None:
        """What is in them nobody knows: answers are not held against what was asked any more."""
        self.knows_what_it_asked = False
        self.writer.write(data)

    def send(self, message: dict[str, Any]) -> None:
        if "method" in message and type(message.get("id")) is int:
            self.asked[message["id"]] = message["method"]
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> int:
        number = next(self._ids)
        self.send({"id": number, "method": method, "params": params})
        return number

    async def ask(self, method: str, params: Any) -> Any:
        return await self.answer(self.request(method, params))

    async def answer(self, number: int) -> Any:
        answer = await self.until(lambda m: m.get("id") == number and "method" not in m)
        if "error" in answer:
            raise ErrorAnswer(answer["error"])
        return answer["result"]

    async def until(self, matches: Any) -> dict[str, Any]:
        """The first message heard so far, or still to come, for which *matches* holds."""
        looked_at = 0
        async with asyncio.timeout(DEADLINE_SECONDS), self._more:
            while True:
                for message in self.heard[looked_at:]:
                    if matches(message):
                        return message
                looked_at = len(self.heard)
                if self._ended:
                    raise EOFError(f"the hub closed the connection; heard {self.heard[-3:]}")
                await self._more.wait()

    async def end(self) -> None:
        """Wait until the hub closes the connection."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            await asyncio.wait({self._listening})

    async def close(self) -> None:
        self.writer.close()
        self._listening.cancel()
        await asyncio.wait({self._listening})
        assert self.broken == [], self.broken[0]

    # Scenes that come often.

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        self.tell(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"range": to_range(start, end), "text": text} for start, end, text in changes],
            },
        )

    async def diagnostics(self, uri: str, version: int | None) -> list[dict[str, Any]]:
        """Those published last so far for that version."""
        await self.until(lambda m: _publishes(m, uri, version))
        last = [m for m in self.heard if _publishes(m, uri, version)][-1]
        return list(last["params"]["diagnostics"])

    async def pull(self, uri: str, known: str | None = None) -> dict[str, Any]:
        params = {"textDocument": {"uri": uri}, "previousResultId": known}
        report: dict[str, Any] = await self.ask("textDocument/diagnostic", params)
        return report

    async def status(self, uri: str, state: str, version: int | None = None) -> dict[str, Any]:
        def matches(message: dict[str, Any]) -> bool:
            params = message.get("params") or {}
            return (
                message.get("method") == "$/hive/status"
                and (params["uri"], params["state"]) == (uri, state)
                and version in (None, params["version"])
            )

        params: dict[str, Any] = (await self.until(matches))["params"]
        return params

    async def actions(self, uri: str, start: tuple[int, int], end: tuple[int, int], **context: Any) -> Any:
        params = {
            "textDocument": {"uri": uri},
            "range": to_range(start, end),
            "context": {"diagnostics": [], **context},
        }
        return await self.ask("textDocument/codeAction", params)

    async def message(self) -> str:
        shown = await self.until(lambda m: m.get("method") == "window/showMessage")
        return str(shown["params"]["message"])

    async def _listen(self) -> None:
        try:
            while True:
                header = await self.reader.readuntil(b"\r\n\r\n")
                body = await self.reader.readexactly(int(header.split(b":")[1]))
                await self._hear(json.loads(body))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._ended = True
            async with self._more:
                self._more.notify_all()

    async def _hear(self, message: dict[str, Any]) -> None:
        asked = self.asked if self.knows_what_it_asked else {}
        if (problem := why_no_lsp(message, asked)) is not None:
            self.broken.append(problem)
        if "method" in message and "id" in message and self.answers_requests:
            self.send({"id": message["id"], "result": None})
        async with self._more:
            self.heard.append(message)
            self._more.notify_all()


def why_no_lsp(message: dict[str, Any], asked: Mapping[Any, str]) -> str | None:
    """None where it is as LSP 3.18 has it. What is ours alone, `test_messages.py` compares."""
    number = message.get("id")
    method = message.get("method") or (asked.get(number, "") if type(number) is int else "")
    if "error" in message or method not in types.METHOD_TO_TYPES:
        return None if "error" in message or "hive/" in method or not method else f"an unknown method: {method}"
    request, response, *_ = types.METHOD_TO_TYPES[method]
    shape: Any = request if "method" in message else response
    try:
        LSP.structure(message, shape)
    except Exception as error:
        return f"{method}: {error!r} in {message}"[:1_000]
    return None


def to_range(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    return {
        "start": {"line": start[0], "character": start[1]},
        "end": {"line": end[0], "character": end[1]},
    }


def _publishes(message: dict[str, Any], uri: str, version: int | None) -> bool:
    if message.get("method") != "textDocument/publishDiagnostics":
        return False
    params = message["params"]
    return params["uri"] == uri and version in (None, params.get("version"))
