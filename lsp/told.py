"""What an editor has told its hub, kept so that another hub can be told the same: a restart is no news to the editor.

Messages in, messages out; opens nothing. For `line.py`, which an editor starts each time: it imports little.
"""

from collections.abc import Iterator
from typing import Any

INTRODUCTION = "hive-introduced-again"
"""The id of an `initialize` that the editor did not send."""

CANCELLED = -32800
REQUEST_FAILED = -32803

MAX_MESSAGES = 2_000
MAX_CHANGED_CHARACTERS = 1024 * 1024
"""Of one document, before its text is taken together with them."""

MAX_KEPT = 1_000
"""Of what is kept as it was told: folders, and changes of notebooks."""

LAST_WORD_COUNTS = frozenset(
    {"initialized", "$/setTrace", "hive/checkouts", "hive/trust", "workspace/didChangeConfiguration"}
)

EVERY_WORD_COUNTS = frozenset(
    {
        "workspace/didChangeWorkspaceFolders",
        "notebookDocument/didOpen",
        "notebookDocument/didChange",
        "notebookDocument/didClose",
    }
)

ASKED_AGAIN = frozenset({"hive.review", "hive.reviewChanges", "hive.reviewWorkspace"})
"""Commands that change nothing, so that another hub may be asked the same. Once: what ends two hubs ends a third."""

Message = dict[str, Any]


class Told:
    """`note` each message from the editor, `answered` each from the hub; `lost` and `again` when the hub changes."""

    def __init__(self) -> None:
        self._initialize: Message | None = None
        self._is_introduced = False
        self._last: dict[str, Message] = {}
        self._kept: list[Message] = []
        self._documents: dict[str, _Open] = {}
        self._asked: dict[Any, Message] = {}
        self._asked_twice: set[Any] = set()
        self._progress: set[Any] = set()
        self._encoding = "utf-16"
        self._is_too_much = False
        self.has_ended = False

    @property
    def can_be_told_again(self) -> bool:
        """Whether a hub has accepted this editor, and all that it was told is kept."""
        return self._is_introduced and not self._is_too_much and len(self._kept) <= MAX_KEPT

    def note(self, message: Message) -> None:
        """The editor said it."""
        method, number = message.get("method"), message.get("id")
        if not isinstance(method, str):
            return
        if number is not None and isinstance(number, int | str):
            self._asked[number] = message
        if method == "initialize" and self._initialize is None:
            self._initialize = message
        elif method == "exit":
            self.has_ended = True
        elif method in LAST_WORD_COUNTS:
            self._last[method] = message
        elif method in EVERY_WORD_COUNTS:
            self._kept.append(message)
        elif method.startswith("textDocument/did"):
            self._note_document(method, message)

    def answered(self, message: Message) -> None:
        """The hub said it."""
        params = message.get("params")
        if message.get("method") == "$/progress" and isinstance(params, dict):
            self._note_progress(params)
        elif "method" not in message and isinstance(message.get("id"), int | str):
            asked = self._asked.pop(message["id"], None)
            self._asked_twice.discard(message["id"])
            if asked is not None and asked is self._initialize:
                self._is_introduced = "error" not in message
                self._encoding = _encoding_of(message)

    def cancelled(self, message: Message) -> Message | None:
        """The answer to what the editor takes back while there is no hub; None when it asks for nothing of the kind."""
        params = message.get("params")
        number = params.get("id") if isinstance(params, dict) else None
        if message.get("method") != "$/cancelRequest" or not isinstance(number, int | str):
            return None
        return _error(number, CANCELLED, "cancelled") if self._asked.pop(number, None) else None

    def lost(self) -> Iterator[Message]:
        """The hub went away: what the editor is to hear at once. What it only asked to see is asked again later."""
        going_on = set()
        for number, message in list(self._asked.items()):
            if message.get("method") != "workspace/executeCommand":
                continue
            params = message.get("params")
            command, token = _command_of(params if isinstance(params, dict) else {})
            if command in ASKED_AGAIN and number not in self._asked_twice:
                self._asked_twice.add(number)
                going_on.add(token)
            else:
                del self._asked[number]
                yield _error(number, REQUEST_FAILED, "the hub was restarted while it worked on this")
        for token in self._progress - going_on:
            value = {"kind": "end", "message": "the hub was restarted"}
            yield {"jsonrpc": "2.0", "method": "$/progress", "params": {"token": token, "value": value}}
        self._progress &= going_on

    def again(self) -> Iterator[Message]:
        """All of it, for another hub."""
        assert self._initialize is not None
        yield {**self._initialize, "id": INTRODUCTION}
        yield from self._last.values()
        yield from self._kept
        for document in self._documents.values():
            yield from document.messages
        yield from self._asked.values()

    def _note_document(self, method: str, message: Message) -> None:
        params = message.get("params")
        document = params.get("textDocument") if isinstance(params, dict) else None
        uri = document.get("uri") if isinstance(document, dict) else None
        if not isinstance(params, dict) or not isinstance(uri, str):
            return
        if method == "textDocument/didOpen":
            self._documents[uri] = _Open(message)
        elif method == "textDocument/didClose":
            self._documents.pop(uri, None)
        elif method == "textDocument/didChange" and uri in self._documents:
            open_ = self._documents[uri]
            open_.messages.append(message)
            open_.changed_characters += len(str(params.get("contentChanges", "")))
            if len(open_.messages) > MAX_MESSAGES or open_.changed_characters > MAX_CHANGED_CHARACTERS:
                self._take_together(open_)

    def _take_together(self, document: "_Open") -> None:
        from lsp.retyping import retyped  # here: it takes half a second, and is seldom needed

        try:
            document.messages[:] = [retyped(document.messages, self._encoding)]
            document.changed_characters = 0
        except Exception:  # whatever was wrong with it: this hub has heard it, no other will
            self._is_too_much = True

    def _note_progress(self, params: dict[str, Any]) -> None:
        token, value = params.get("token"), params.get("value")
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind == "begin":
            self._progress.add(token)
        elif kind == "end":
            self._progress.discard(token)


class _Open:
    """A document: how it was opened, and what was typed since."""

    def __init__(self, message: Message) -> None:
        self.messages = [message]
        self.changed_characters = 0


def _encoding_of(answer: Message) -> str:
    result = answer.get("result")
    capabilities = result.get("capabilities") if isinstance(result, dict) else None
    return str(capabilities.get("positionEncoding", "utf-16")) if isinstance(capabilities, dict) else "utf-16"


def _command_of(params: dict[str, Any]) -> tuple[str, int | str | None]:
    """With the token of its progress."""
    command, token = params.get("command"), params.get("workDoneToken")
    return command if isinstance(command, str) else "", token if isinstance(token, int | str) else None


def _error(number: int | str, code: int, text: str) -> Message:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": text}}
