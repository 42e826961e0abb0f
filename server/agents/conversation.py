"""One attempt's talk with a model: every call within its budget, and every call told to the hub as it ends.

What was told of an attempt that crashed counts all the same. Handlers get a `Conversation` and take from it the model
and the tools that they use; a replay gives them one that repeats what was said (`recorded.py`).
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from typing import Protocol
from uuid import UUID

import msgspec

from server.agents.budget import Budget
from server.agents.call import CALL, CallTold, Shorthand, redacted
from server.agents.hostile import redact
from server.agents.model import (
    Ask,
    Heard,
    Model,
    ModelAway,
    ModelFailed,
    Reply,
    ReplyCutOff,
    ToolResult,
    ToolSpec,
    ToolUse,
    Usage,
    unheard,
)
from server.errors import HiveError

Tell = Callable[[str, bytes], None]
MAX_ERROR_LENGTH = 1000
TRIES = 2
"""Of a reply that broke off before anybody heard of it."""


class PricedModel(Model, Protocol):
    def name(self, ask: Ask) -> str:
        """Of the model that would be asked."""
        ...

    def at_most(self, ask: Ask) -> int:
        """What the call can cost, in microdollars."""
        ...


class Tools(Protocol):
    """A `Toolbox`, as far as who records its calls needs it."""

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    async def use(self, call: ToolUse) -> ToolResult: ...


class Conversation(Protocol):
    """What a handler of thinking work is given."""

    @property
    def model(self) -> Model: ...

    @property
    def secrets(self) -> Sequence[str]:
        """What this process holds, so that no tool shows it."""
        ...

    def tools(self, toolbox: Tools) -> Tools:
        """The same tools, their calls kept."""
        ...


class LiveConversation:
    """*tell*: hands a message to the hub, later. *secrets*: what must never stand in a record."""

    def __init__(
        self,
        model: PricedModel,
        budget: Budget,
        *,
        job_id: UUID,
        attempt: int,
        tell: Tell,
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secrets = tuple(secrets)
        self._teller = _Teller(job_id, attempt, tell, self._secrets, clock)
        self._model = _RecordedModel(model, budget, self._teller, self._secrets)

    @property
    def model(self) -> Model:
        return self._model

    @property
    def secrets(self) -> Sequence[str]:
        return self._secrets

    def tools(self, toolbox: Tools) -> Tools:
        return _RecordedTools(toolbox, self._teller)


class _Teller:
    """Numbers the calls and tells of them."""

    def __init__(
        self, job_id: UUID, attempt: int, tell: Tell, secrets: Sequence[str], clock: Callable[[], float]
    ) -> None:
        self.clock = clock
        self._job_id = job_id
        self._attempt = attempt
        self._tell = tell
        self._secrets = secrets
        self._shorthand = Shorthand(secrets)
        self._numbers = count(1)

    def model(
        self, began: float, ask: Ask, name: str, usage: Usage, cost: int, reply: Reply | None, error: str = ""
    ) -> None:
        number = next(self._numbers)
        record = self._shorthand.model(number, ask, reply)
        self._send(number, "model", name, began, usage, cost, record, error)

    def tool(self, began: float, use: ToolUse, result: ToolResult) -> None:
        record = self._shorthand.tool(use, result)
        error = "refused" if result.is_error else ""
        self._send(next(self._numbers), "tool", use.name, began, Usage(), 0, record, error)

    def _send(
        self, number: int, what: str, name: str, began: float, usage: Usage, cost: int, record: msgspec.Raw, error: str
    ) -> None:
        told = CallTold(
            job_id=self._job_id,
            attempt=self._attempt,
            number=number,
            what="model" if what == "model" else "tool",
            name=_line(name),
            seconds=round(max(0.0, self.clock() - began), 3),
            usage=usage,
            cost_microdollars=cost,
            record=record,
            error=redact(error, self._secrets)[:MAX_ERROR_LENGTH].replace("\0", ""),
        )
        self._tell(CALL, msgspec.json.encode(told))


class _RecordedModel:
    def __init__(self, model: PricedModel, budget: Budget, teller: _Teller, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._model = model
        self._budget = budget
        self._teller = teller

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        """See `Model.reply`. A reply of which nobody has heard anything yet may break off once."""
        ask = _without(ask, self._secrets)
        pieces = 0

        def listen(piece: str) -> None:
            nonlocal pieces
            pieces += 1
            heard(piece)

        for tries_left in reversed(range(TRIES)):
            try:
                return await self._once(ask, listen)
            except (ReplyCutOff, ModelAway) as failed:
                was_heard = pieces and heard is not unheard
                if not failed.broke_off or was_heard or not tries_left:
                    raise
        raise AssertionError("the last try raises or returns")

    async def count_tokens(self, ask: Ask) -> int:
        return await self._model.count_tokens(ask)

    async def _once(self, ask: Ask, heard: Heard) -> Reply:
        began = self._teller.clock()
        at_most = self._model.at_most(ask)
        async with self._budget.reserve(at_most) as reservation:
            usage, cost, reply, error = Usage(), at_most, None, "Cancelled"  # nobody says what it came to: all of it
            try:
                reply = await self._model.reply(ask, heard=heard)
                usage, cost, error = reply.usage, reply.cost_microdollars, ""
            except ModelFailed as failed:
                usage, cost, error = failed.usage, failed.cost_microdollars, _words(failed)
                raise
            finally:
                reservation.cost = cost
                name = reply.model if reply else self._model.name(ask)
                self._teller.model(began, ask, name, usage, cost, reply, error)
            return reply


class _RecordedTools:
    def __init__(self, toolbox: Tools, teller: _Teller) -> None:
        self._toolbox = toolbox
        self._teller = teller

    @property
    def specs(self) -> Sequence[ToolSpec]:
        return self._toolbox.specs

    async def use(self, call: ToolUse) -> ToolResult:
        began = self._teller.clock()
        result = await self._toolbox.use(call)
        self._teller.tool(began, call, result)
        return result


def _without(ask: Ask, secrets: Sequence[str]) -> Ask:
    """What nobody may repeat, nobody is told: a repository may hold our own key, in whatever shape."""
    written = msgspec.json.encode(ask)
    if not any(secret.encode() in written for secret in secrets):
        return ask
    return msgspec.convert(redacted(msgspec.to_builtins(ask), secrets), Ask)


def _words(error: HiveError) -> str:
    return f"{type(error).__name__}: {error}"


def _line(name: str) -> str:
    """A model may call a tool by any name."""
    with suppress(UnicodeError):
        return "".join(c if c.isprintable() else "?" for c in name)[:100] or "?"
    return "?"
