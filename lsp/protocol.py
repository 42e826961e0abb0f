"""pygls for many clients in one process: one of these per connection, and what its stock classes get wrong for that.

Only the wire: what the messages mean is `session.py`'s.
"""

import asyncio
import contextvars
import functools
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Protocol, get_args, get_type_hints

import msgspec
import structlog
from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    default_converter,
    lsp_method,
)

UNAUTHORIZED = -32001
"""The error code for a token that nobody knows; `vscode-extension/src/protocol.ts` has it too."""

STOCK_METHODS = frozenset({types.INITIALIZE, types.SHUTDOWN, types.EXIT, types.SET_TRACE})
"""What pygls does well enough by itself, or is mended below."""

OUR_METHODS = "hive/"
"""What LSP does not have begins so. `initialize` names those that this hub answers, in `experimental.hive`."""

Begin = Callable[["HiveLanguageServer", types.InitializeParams], Iterable[str]]

log = structlog.get_logger("hive.lsp")


class Sink(Protocol):
    """Where messages go: whole JSON bodies, in order. Never waits."""

    def write(self, body: bytes) -> None: ...


class RequestFailed(JsonRpcException):
    """The request was understood and could not be done; *message* is for people."""

    CODE = types.LSPErrorCodes.RequestFailed.value


class ContentModified(JsonRpcException):
    """What was asked about is gone: the document changed."""

    CODE = types.LSPErrorCodes.ContentModified.value


@functools.cache
def shared_converter() -> Converter:
    """One for all connections: a converter costs 8 ms and 90 kB, and holds no state of a client."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    # What methods that are not LSP's carry stays plain JSON, for a schema of ours; pygls makes named tuples of it.
    for message in (JsonRPCRequestMessage, JsonRPCNotification, JsonRPCResponseMessage):
        converter.register_structure_hook(message, lambda data, shape: shape(**data))
    return converter


FIRST_PARAMS = (
    types.InitializeParams,
    types.DidOpenTextDocumentParams,
    types.DidChangeTextDocumentParams,
    types.CodeActionParams,
    types.HoverParams,
    types.ExecuteCommandParams,
)
"""What an editor sends first."""

FIRST_ANSWERS = (
    types.InitializeResult,
    types.PublishDiagnosticsParams,
    types.CodeAction,
    types.CodeLens,
    types.Hover,
)
"""What it hears."""


async def prepare_converter() -> None:
    """Ahead of the first editor, little by little: cattrs writes code for each shape that it meets, and those of
    `initialize` took 50 ms together.
    """
    shared_converter().unstructure([{}])  # first: a list or dict that it sees anew makes it forget all other shapes
    for shape in _shapes_in(FIRST_PARAMS):
        shared_converter().get_structure_hook(shape)
        await asyncio.sleep(0)
    for shape in _shapes_in(FIRST_ANSWERS):
        shared_converter().get_unstructure_hook(shape)
        await asyncio.sleep(0)


def _shapes_in(kinds: Iterable[type]) -> list[type]:
    """The classes that are within these, too, the inner ones first."""
    found: dict[type, None] = {}
    left: list[Any] = [*kinds]
    while left:
        kind = left.pop()
        if getattr(kind, "__module__", "") != types.__name__:
            left += get_args(kind)
        elif kind not in found:
            found[kind] = None
            left += get_type_hints(kind).values()
    return [*reversed(found)]


class HiveProtocol(LanguageServerProtocol):
    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.has_exited = False
        self.sink: Sink | None = None
        self._encode = msgspec.json.Encoder().encode

    # pygls caches these per instance by lru_cache on methods, which keeps dead connections alive.
    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        return types.METHOD_TO_TYPES.get(method, (None,))[0]

    def get_result_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        return types.METHOD_TO_TYPES.get(method, (None, None))[1]

    # pygls ends the process: one client's `exit` would end the hub.
    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]  # stock is a generator
        self.has_exited = True

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        assert isinstance(self._server, HiveLanguageServer)
        commands = self._server.begin(self._server, params)
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        result.capabilities.execute_command_provider = types.ExecuteCommandOptions(list(commands))
        if result.capabilities.workspace is not None:  # pygls has it always, and leaves this out of it
            content = self.fm.feature_options.get(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
            answers = types.WORKSPACE_TEXT_DOCUMENT_CONTENT in self.fm.builtin_features
            result.capabilities.workspace.text_document_content = content if answers else None
        ours = sorted(method for method in self.fm.builtin_features if method.startswith(OUR_METHODS))
        result.capabilities.experimental = {"hive": ours}
        return result

    # pygls asks four classes of `typing.Protocol` what a message is, which takes as long as all else that it does.
    def handle_message(self, message: Any) -> None:
        method = getattr(message, "method", None)
        if self._shutdown and method != types.EXIT:
            return
        context = contextvars.copy_context()
        if method is None:
            result, error = getattr(message, "result", None), getattr(message, "error", None)
            context.run(self._handle_response, message.id, result, error)
        elif hasattr(message, "id"):
            context.run(self._handle_request, message.id, method, message.params)
        else:
            context.run(self._handle_notification, method, message.params)

    # pygls serializes by a slow hook of json. No handler of ours runs in a thread, so nothing is written from one.
    def _send_data(self, data: Any) -> None:
        if self.sink is not None and data:
            self.sink.write(self._encode(self._converter.unstructure(data)))

    # pygls tells the client the traceback of our errors.
    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        if error is not None and error.code == JsonRpcInternalError.CODE:
            error = types.ResponseError(error.code, "an error in the hub; its log says more")
        super()._send_response(msg_id, result, error)

    # pygls raises when an answer comes to a request that we no longer wait for (pygls#621).
    def _handle_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        future = self._request_futures.get(msg_id)
        if not isinstance(future, Future):
            return  # an answer to nothing, or to a request that the client itself made
        if future.done():
            del self._request_futures[msg_id]
            return
        super()._handle_response(msg_id, result, error)

    # pygls would do it, tell nobody, and keep the answer for ever.
    def _handle_notification(self, method_name: str, params: Any) -> None:
        """A request that came without an id is passed over."""
        if not asyncio.iscoroutinefunction(self.fm.builtin_features.get(method_name)):
            super()._handle_notification(method_name, params)

    # pygls makes an error of ours even of what was the client's.
    def _check_handler_result(self, future: Any) -> None:
        if future.cancelled() or not isinstance(future.exception(), JsonRpcException):
            super()._check_handler_result(future)

    def forget_requests(self) -> None:
        """The connection is over: nobody will answer, and what we were asked need not be finished."""
        for future in list(self._request_futures.values()):
            future.cancel()
        self._request_futures.clear()
        self.sink = None


class HiveLanguageServer(LanguageServer):
    """One connection's server object."""

    protocol: HiveProtocol

    def __init__(
        self, version: str, sink: Sink, begin: Begin, notebooks: types.NotebookDocumentSyncOptions | None = None
    ) -> None:
        """*begin* is called with this and the params of `initialize`; it sets the handlers and names the commands."""
        super().__init__(
            "Agent Hive",
            version,
            protocol_cls=HiveProtocol,
            converter_factory=shared_converter,
            max_workers=1,
            notebook_document_sync=notebooks,
        )
        self.begin = begin
        self.protocol.sink = sink

    def handle(self, handlers: Mapping[str, Callable[..., Any]], options: Mapping[str, Any]) -> None:
        """Put ours in place of pygls', which would keep notebooks and documents that nobody reads.

        Notifications need plain functions: of others pygls keeps the future for ever.
        """
        for method in [method for method in self.protocol.fm.builtin_features if method not in STOCK_METHODS]:
            del self.protocol.fm.builtin_features[method]
        for method, handler in handlers.items():
            self.protocol.fm.add_builtin_feature(method, handler)
        self.protocol.fm.feature_options.update(options)

    def receive(self, message: dict[str, Any]) -> None:
        """Handle one JSON-RPC object. What is wrong with it is answered, not raised."""
        try:
            self.protocol.handle_message(self.protocol.structure_message(message))
        except JsonRpcException as error:
            if "method" in message and (message_id := message.get("id")) is not None:
                self.protocol._send_response(message_id, error=error.to_response_error())

    def report_server_error(self, error: Exception, source: Any) -> None:
        if not isinstance(error, JsonRpcException) or error.code == JsonRpcInternalError.CODE:
            log.error("a handler failed", error=repr(error))
