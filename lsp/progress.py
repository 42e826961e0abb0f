"""Work-done progress of one command: begun, reported, ended, and cancelled by a person (LSP 3.18).

Not pygls' Progress, which keeps every token for ever (pygls#607).
"""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.protocol import HiveProtocol


class ProgressBoard:
    """The tokens under way of one client."""

    def __init__(self, protocol: HiveProtocol, *, client_shows_progress: bool) -> None:
        self._protocol = protocol
        self._client_shows_progress = client_shows_progress
        self._cancel_by_token: dict[types.ProgressToken, Callable[[], None]] = {}

    async def begin(
        self, title: str, on_cancel: Callable[[], None], token: types.ProgressToken | None = None
    ) -> "WorkDone":
        """*token* is the one that came with the request; without it the client is asked for a place to show it."""
        if token is None and self._client_shows_progress:
            token = await self._created_token()
        if token is not None:
            self._cancel_by_token[token] = on_cancel
        work = WorkDone(self._protocol, token)
        work.send(types.WorkDoneProgressBegin(title, cancellable=True))
        return work

    def end(self, work: "WorkDone", message: str) -> None:
        if work.token is not None:
            self._cancel_by_token.pop(work.token, None)
        work.send(types.WorkDoneProgressEnd(message=message))

    def cancelled(self, params: types.WorkDoneProgressCancelParams) -> None:
        """A person pressed cancel."""
        on_cancel = self._cancel_by_token.get(params.token)
        if on_cancel is not None:
            on_cancel()

    async def _created_token(self) -> types.ProgressToken | None:
        token = str(uuid4())
        created = self._protocol.send_request_async(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token)
        )
        try:
            # Shielded: cancelling the command must not cancel a request that the client is about to answer.
            await asyncio.shield(created)
        except JsonRpcException:
            return None
        return token


class WorkDone:
    """One piece of work as the client shows it; nothing is sent without a token."""

    def __init__(self, protocol: HiveProtocol, token: types.ProgressToken | None) -> None:
        self.token = token
        self._protocol = protocol

    def report(self, done: int, total: int, note: str) -> None:
        percentage = min(100, 100 * done // total) if total > 0 else None
        self.send(types.WorkDoneProgressReport(message=note or None, percentage=percentage))

    def send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self.token is not None:
            self._protocol.notify(types.PROGRESS, types.ProgressParams(self.token, value))
