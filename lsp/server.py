"""The editors' door: listens on TCP and on the hub's websocket, asks for a token, and runs a session per connection.

Nothing of a client is built before its token is known. `session.py` says what messages mean, `framing.py` how they
arrive; one client's garbage, silence or slowness is its own.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any

import msgspec
import structlog
from aiohttp import web
from lsprotocol import types

from lsp.awaiting import Store
from lsp.commands import Findings
from lsp.consent_commands import Consents
from lsp.driven import Driven
from lsp.framing import MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, NotAFrame, NotJson, Refused
from lsp.jobs import Door, EditorJobs
from lsp.line import notice_silence
from lsp.neighbours import REST_SECONDS
from lsp.notebooks import SYNC
from lsp.overview import Records
from lsp.portions import about, messages_in
from lsp.protocol import UNAUTHORIZED, HiveLanguageServer, prepare_converter
from lsp.pull_requests import Branches
from lsp.session import Session
from lsp.thinking import AcceptedFixes
from lsp.told import INTRODUCTION
from lsp.transport import Connection, StreamConnection, WebSocketConnection
from server.config import Address
from server.jobs.job import Event, FindingsChanged
from server.memory.contexts import Contexts
from server.security.principal import Principal

MAX_INTRODUCTION_BYTES = 1024 * 1024
"""Before the token is known. VS Code's `initialize` has some 10 kB."""

INTRODUCTION_SECONDS = 10.0
"""Who has shown no token by then is let go."""

MAX_CARRIED_BYTES = 32 * 1024 * 1024
"""By a websocket, which ends where a message is longer."""

MAX_CONNECTIONS = 500
"""Of editors whose token is known."""

MAX_STRANGERS = 500
"""Of whom no token is known yet. One more ends the oldest: an editor shows its token at once, and who only holds
connections open keeps nobody out.
"""

TOO_MANY_EDITORS = "Agent Hive has too many editors connected."

HEARTBEAT_SECONDS = 20.0

GOODBYE_SECONDS = 2.0
"""For a websocket's closing handshake."""

log = structlog.get_logger("hive.lsp")

Authenticate = Callable[[str], Awaitable[Principal | None]]


class LspDoor:
    """`start` for TCP, `websocket` as a handler of the hub's HTTP server, `stop` for both."""

    def __init__(
        self,
        door: Door,
        findings: Findings,
        authenticate: Authenticate,
        *,
        introduction_seconds: float = INTRODUCTION_SECONDS,
        max_connections: int = MAX_CONNECTIONS,
        max_strangers: int = MAX_STRANGERS,
        thinks: bool = False,
        rest_seconds: float = REST_SECONDS,
        records: Records | None = None,
        branches: Branches | None = None,
        consents: Consents | None = None,
        awaited: Store | None = None,
        accepted: AcceptedFixes | None = None,
        contexts: Contexts | None = None,
    ) -> None:
        """*branches*: where the hub is a GitHub App. *contexts*: the memory of projects."""
        self._findings = findings
        self._authenticate = authenticate
        self._introduction_seconds = introduction_seconds
        self._max_connections = max_connections
        self._max_strangers = max_strangers
        self._rest_seconds = rest_seconds
        self._thinks = thinks
        self._records = records
        self._branches = branches
        self._consents = consents
        self._awaited = awaited
        self._accepted = accepted
        self._contexts = contexts
        self._jobs = EditorJobs(door, self._findings_changed, self._heard)
        self._version = version("agent-hive")
        self._connections: set[asyncio.Task[Any]] = set()
        self._strangers: dict[asyncio.Task[Any], None] = {}
        """The oldest first."""
        self._sessions: set[Session] = set()
        self._listener: asyncio.Server | None = None
        self._preparing: asyncio.Task[None] | None = None
        # It logs the params of what fails: source text and more.
        logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    def connected(self) -> Sequence[Driven]:
        """The editors that programs may ask for."""
        return [session.driven for session in self._sessions]

    async def start(self, address: Address) -> Address:
        """Listen. Returns the address with the port that was chosen when it named 0."""
        self._listener = await asyncio.start_server(
            self._accept, address.host, address.port, limit=MAX_HEADER_BYTES, start_serving=True
        )
        self._preparing = asyncio.create_task(prepare_converter())
        return Address(address.host, self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Let every client go."""
        if self._listener is not None:
            self._listener.close()
        if self._preparing is not None:
            self._preparing.cancel()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._jobs.close()

    async def websocket(self, request: web.Request) -> web.WebSocketResponse:
        """GET /lsp. The token comes as a bearer token or, from who cannot set headers, with `initialize`."""
        principal = None
        if "Authorization" in request.headers:
            principal = await self._authenticate(_bearer(request.headers["Authorization"]))
            if principal is None:
                raise web.HTTPUnauthorized(text="unknown token", headers={"WWW-Authenticate": "Bearer"})
        socket = web.WebSocketResponse(
            max_msg_size=MAX_CARRIED_BYTES, heartbeat=HEARTBEAT_SECONDS, timeout=GOODBYE_SECONDS
        )
        await socket.prepare(request)
        await self._serve(WebSocketConnection(socket), principal)
        return socket

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled only by `stop`, and then asyncio would log it as an error of ours.
        with contextlib.suppress(asyncio.CancelledError):
            notice_silence(writer.get_extra_info("socket"))
            await self._serve(StreamConnection(reader, writer), None)

    async def _serve(self, connection: Connection, principal: Principal | None) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._receive_stranger(task)
        try:
            introduction = await self._introduce(connection, principal)
            self._strangers.pop(task, None)
            if introduction is None:
                return
            if len(self._sessions) >= self._max_connections:
                _show(connection, TOO_MANY_EDITORS)
                _refuse(connection, introduction[1], types.LSPErrorCodes.RequestFailed.value, TOO_MANY_EDITORS)
                return
            await self._converse(connection, *introduction)
        except NotAFrame as error:
            log.info("connection dropped", reason=str(error))
        except Exception:
            log.exception("a session failed")
        finally:
            self._connections.discard(task)
            self._strangers.pop(task, None)
            await connection.close()

    def _receive_stranger(self, task: asyncio.Task[Any]) -> None:
        self._strangers[task] = None
        if len(self._strangers) > self._max_strangers:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.cancel()

    async def _introduce(
        self, connection: Connection, principal: Principal | None
    ) -> tuple[Principal, dict[str, Any]] | None:
        """Who it is, and its `initialize` message without the token; None when it is to be let go."""
        try:
            heard = _messages(connection, MAX_INTRODUCTION_BYTES)
            async with asyncio.timeout(self._introduction_seconds), contextlib.aclosing(heard):
                async for message in heard:
                    if message.get("method") == types.EXIT:
                        return None
                    if message.get("method") != types.INITIALIZE:
                        _refuse(connection, message, types.ErrorCodes.ServerNotInitialized.value, "initialize first")
                        continue
                    token = _take_token(message)
                    known = principal or await self._authenticate(token)
                    if known is not None:
                        return known, message
                    log.warning("editor refused: unknown token")
                    _refuse(connection, message, UNAUTHORIZED, "initializationOptions.token is missing or unknown")
                    return None
        except TimeoutError:
            log.info("connection dropped", reason="no initialize in time")
        return None

    async def _converse(self, connection: Connection, principal: Principal, initialize: dict[str, Any]) -> None:
        sessions: list[Session] = []

        def begin(server: HiveLanguageServer, params: types.InitializeParams) -> Iterable[str]:
            session = Session(
                server,
                params,
                principal=principal,
                jobs=self._jobs,
                findings=self._findings,
                rest_seconds=self._rest_seconds,
                thinks=self._thinks,
                records=self._records,
                branches=self._branches,
                consents=self._consents,
                awaited=self._awaited,
                accepted=self._accepted,
                contexts=self._contexts,
                is_known=initialize.get("id") == INTRODUCTION,
            )
            sessions.append(session)
            self._sessions.add(session)
            log.info("editor connected", principal=principal.name, session_id=session.client.session_id)
            return session.commands.table

        def missed(uri: str) -> None:
            for session in sessions:
                session.missed(uri)

        server = HiveLanguageServer(self._version, connection, begin, SYNC)
        try:
            server.receive(initialize)
            if not sessions:
                return
            async with contextlib.aclosing(_messages(connection, MAX_MESSAGE_BYTES, missed)) as heard:
                async for message in heard:
                    if message.get("method") == types.INITIALIZE:
                        _refuse(connection, message, types.ErrorCodes.InvalidRequest.value, "initialized already")
                    else:
                        server.receive(message)
                    if server.protocol.has_exited:
                        return
                    await asyncio.sleep(0)  # a client that sends without pause takes turns with the others
        finally:
            for session in sessions:
                self._sessions.discard(session)
                session.close()

    def _findings_changed(self, project: str, changed: FindingsChanged) -> None:
        for session in self._sessions:
            session.findings_changed(project, changed)

    def _heard(self, event: Event) -> None:
        for session in self._sessions:
            session.overview.heard(event)
            session.pull_requests.heard(event)


async def _messages(
    connection: Connection, max_bytes: int, on_missed: Callable[[str], None] = lambda _: None
) -> AsyncGenerator[dict[str, Any], None]:
    """Those that can be understood, until the end; the client hears about those that cannot.

    *on_missed*: the document that such a message was about.
    """
    while True:
        try:
            body = await connection.read(max_bytes=max_bytes)
            if body is None:
                return
            for message in messages_in(body):
                yield message
        except Refused as error:
            if error.request is None:
                _show(connection, f"Agent Hive: {error}; {error.hint}.")
            else:
                _refuse(connection, _asked(error.request), types.LSPErrorCodes.RequestFailed.value, str(error))
            if (uri := about(error.head)) is not None:
                on_missed(uri)
        except NotJson as error:
            _refuse(connection, {"id": None}, types.ErrorCodes.ParseError.value, str(error))
        await asyncio.sleep(0)


def _asked(request: int | str) -> dict[str, Any]:
    return {"id": request, "method": ""}


def _take_token(initialize: dict[str, Any]) -> str:
    """Out of the message, so that it is in nobody's hands or logs any more; "" when there is none."""
    params = initialize.get("params")
    options = params.get("initializationOptions") if isinstance(params, dict) else None
    token = options.pop("token", "") if isinstance(options, dict) else ""
    return token if isinstance(token, str) else ""


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refuse(connection: Connection, message: dict[str, Any], code: int, reason: str) -> None:
    """Answer a request with an error. Notifications and answers are passed over in silence."""
    if "id" in message and ("method" in message or message["id"] is None):
        error = {"code": code, "message": reason}
        connection.write(msgspec.json.encode({"jsonrpc": "2.0", "id": message["id"], "error": error}))


def _show(connection: Connection, text: str) -> None:
    params = {"type": types.MessageType.Warning.value, "message": text}
    message = {"jsonrpc": "2.0", "method": types.WINDOW_SHOW_MESSAGE, "params": params}
    connection.write(msgspec.json.encode(message))
