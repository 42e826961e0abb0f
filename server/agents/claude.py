"""Claude, by the official SDK, behind the `Model` protocol.

Retries are the SDK's, with its waiting for `Retry-After`; what is here is how long we have patience, what each failure
means to an agent, and that nothing of the key is ever said. `requests.py` writes what is sent, `gathering.py` puts
together what comes.
"""

import asyncio
import time
from typing import Any

import httpx2
from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic, DefaultAsyncHttpxClient
from msgspec.structs import replace

from server.agents.breaker import Breaker
from server.agents.gathering import Gathering, StreamInvalid
from server.agents.model import (
    Ask,
    AskInvalid,
    Heard,
    ModelAway,
    ModelFailed,
    ModelRefused,
    Reply,
    ReplyCutOff,
    Strength,
    Text,
    Thought,
    Usage,
    unheard,
)
from server.agents.prices import ModelFacts, facts_of
from server.agents.requests import estimate_tokens, remind, room_for, to_request
from server.agents.settings import ClaudeSettings

MAX_RETRIES = 3
PATIENCE_SECONDS = 60.0
"""Until an answer begins, retries included; who is asked to wait for longer does not begin to."""
SILENCE_SECONDS = 60.0
"""Within an answer; the API sends a ping now and then."""
FAR_BELOW = 0.5
"""An ask that is estimated at less of what fits is not counted first."""

_AWAY = {408, 409, 429}
_TYPES_AWAY = {"overloaded_error", "api_error", "rate_limit_error", "timeout_error"}


class ClaudeModel:
    """A `Model`. Any number of calls may be under way; `close` it in the loop that used it."""

    def __init__(
        self,
        settings: ClaudeSettings,
        *,
        breaker: Breaker | None = None,
        max_retries: int = MAX_RETRIES,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._names: dict[Strength, str] = {"strong": settings.strong, "fast": settings.fast}
        self._breaker = breaker or Breaker(time.monotonic)
        self._patience_seconds = patience_seconds
        # A redirect would carry the key to wherever it leads; what is set around us is not for us either.
        http = DefaultAsyncHttpxClient(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx2.Timeout(SILENCE_SECONDS, connect=5.0),
        )
        self._client = AsyncAnthropic(
            api_key=settings.api_key,
            base_url=settings.base_url,
            max_retries=max_retries,
            http_client=http,
            middleware=[self._refuse_long_waits],
        )

    async def close(self) -> None:
        await self._client.close()

    def name(self, ask: Ask) -> str:
        return self._names[ask.strength]

    def at_most(self, ask: Ask) -> int:
        """What the call can cost, in microdollars: nothing is in the cache, and all the room is used.

        A model that has to be told once more to use a tool may cost more: that is seldom, and then little.
        """
        facts = facts_of(self.name(ask))
        return facts.cost(Usage(output_tokens=room_for(ask, facts), cache_write_tokens=estimate_tokens(ask)))

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        """See `Model.reply`."""
        model = self.name(ask)
        facts = facts_of(model)
        request = to_request(ask, model, facts)
        room = room_for(ask, facts)
        await self._refuse_too_long(ask, request, room, facts)
        reply = await self._ask(request, room, facts, heard)
        if not ask.must_use:
            return reply
        if not facts.forces_tools:  # the demand is not in later asks, and so they are no place for these thoughts
            reply = _without_thoughts(reply)
        if _uses(reply, ask.must_use):
            return reply
        return await self._remind(ask.must_use, request, reply, room, facts)

    async def count_tokens(self, ask: Ask) -> int:
        """See `Model.count_tokens`."""
        model = self.name(ask)
        return await self._count(to_request(ask, model, facts_of(model)))

    async def _remind(self, tool: str, request: dict[str, Any], reply: Reply, room: int, facts: ModelFacts) -> Reply:
        """It was told to use a tool and did not: once more, with what it said."""
        said = [part for part in reply.content if isinstance(part, Text)]
        try:
            again = _without_thoughts(await self._ask(remind(request, said, tool), room, facts, unheard))
        except ModelFailed as failed:
            failed.usage += reply.usage
            failed.cost_microdollars += reply.cost_microdollars
            raise
        usage, cost = reply.usage + again.usage, reply.cost_microdollars + again.cost_microdollars
        if not _uses(again, tool):
            raise ReplyCutOff(
                f"the model did not use {tool}, as it had to", model=again.model, usage=usage, cost_microdollars=cost
            )
        return replace(again, usage=usage, cost_microdollars=cost)

    async def _refuse_too_long(self, ask: Ask, request: dict[str, Any], room: int, facts: ModelFacts) -> None:
        """Raises `AskInvalid`. Counting costs a round trip, so only what may be too long is counted."""
        fits = facts.context_tokens - room
        if estimate_tokens(ask) < fits * FAR_BELOW:
            return
        tokens = await self._count(request)
        if tokens > fits:
            raise AskInvalid(
                f"the ask is {tokens:,} tokens long, and {request['model']} takes {fits:,}",
                hint="leave something out, or split it",
            )

    async def _count(self, request: dict[str, Any]) -> int:
        with self._breaker.attempt():
            try:
                async with asyncio.timeout(self._patience_seconds):
                    counted = await self._client.messages.count_tokens(**request)
            except Exception as error:
                raise self._failure(error, request["model"]) from None
        return counted.input_tokens

    async def _ask(self, request: dict[str, Any], room: int, facts: ModelFacts, heard: Heard) -> Reply:
        with self._breaker.attempt():
            gathering = Gathering(heard)
            try:
                await self._stream(request, room, gathering)
            except Exception as error:
                failure = self._failure(error, request["model"])
                failure.usage, failure.cost_microdollars = gathering.usage, facts.cost(gathering.usage)
                failure.broke_off = bool(gathering.model)
                raise failure from None
            return _whole(gathering, request["model"], facts)

    async def _stream(self, request: dict[str, Any], room: int, gathering: Gathering) -> None:
        """Cancelled in here, the request is closed, and the provider stops."""
        async with asyncio.timeout(self._patience_seconds):
            stream = await self._client.messages.create(**request, max_tokens=room, stream=True)
        async with stream:
            async for event in stream:
                gathering.take(event)

    async def _refuse_long_waits(self, request: Any, call_next: Any) -> Any:
        """The SDK would wait for as long as it is asked to, days if need be."""
        response = await call_next(request)
        wait = response.headers.get("retry-after", "")
        if response.status_code >= 400 and wait.isdigit() and int(wait) > self._patience_seconds:
            raise ModelAway(
                f"the model is not to be asked again for {int(wait)} s", hint="it limits how much may be asked"
            )
        return response

    def _failure(self, error: Exception, model: str) -> ModelFailed:
        """What went wrong, in our words; *error* itself may hold the request, and with it the key."""
        match error:
            case ModelFailed():
                return error
            case TimeoutError() | httpx2.TimeoutException():
                return ModelAway("the model does not answer in time", model=model)
            case APIStatusError():
                return self._status_failure(error, model)
            case APIConnectionError() | httpx2.HTTPError() | httpx2.StreamError() | OSError():
                hint = "look at ANTHROPIC_BASE_URL and at the network"
                return ModelAway("the model cannot be reached, or the connection broke", hint=hint, model=model)
            case StreamInvalid() | ValueError():
                return ReplyCutOff(f"the reply cannot be read: {error}", model=model)
            case _:
                raise error

    def _status_failure(self, error: APIStatusError, model: str) -> ModelFailed:
        status, type_ = error.status_code, error.type or ""
        said = (error.api_message or type_ or f"status {status}")[:300].replace(self._client.api_key or "\0", "…")
        if status in (401, 403):
            return ModelAway(f"the key is not accepted: {said}", hint="look at ANTHROPIC_API_KEY", model=model)
        if status == 402 or type_ == "billing_error":
            return ModelAway(f"the account has to be looked at: {said}", hint="see its billing page", model=model)
        if status == 404:
            hint = "look at HIVE_MODEL, HIVE_MODEL_FAST and ANTHROPIC_BASE_URL"
            return ModelAway(f"there is no model {model}: {said}", hint=hint, model=model)
        if status in _AWAY or status >= 500 or 300 <= status < 400 or type_ in _TYPES_AWAY:
            return ModelAway(f"the model is away: {said}", hint="it is tried again later", model=model)
        return AskInvalid(f"the model does not take this: {said}", model=model)


def _whole(gathering: Gathering, asked: str, facts: ModelFacts) -> Reply:
    """Raises `ReplyCutOff`, `ModelRefused`."""
    model, cost = gathering.model or asked, facts.cost(gathering.usage)
    spent: dict[str, Any] = {"model": model, "usage": gathering.usage, "cost_microdollars": cost}
    if gathering.stop_reason == "refusal":
        why = f" ({gathering.stop_details})" if gathering.stop_details else ""
        raise ModelRefused(f"the model declined to answer{why}", **spent)
    if not gathering.is_whole:
        cut_off = ReplyCutOff("the reply broke off before its end", **spent)
        cut_off.broke_off = True
        raise cut_off
    if gathering.stop_reason == "model_context_window_exceeded":
        raise ReplyCutOff("the reply did not fit into the model's context any more", **spent)
    try:
        content = gathering.content()
    except StreamInvalid as error:
        cut = gathering.stop_reason == "max_tokens"
        raise ReplyCutOff(f"{error}{': the reply was longer than allowed' if cut else ''}", **spent) from None
    return Reply(content, gathering.stop_reason or "", gathering.usage, model, cost)


def _uses(reply: Reply, tool: str) -> bool:
    return any(use.name == tool for use in reply.tool_uses)


def _without_thoughts(reply: Reply) -> Reply:
    return replace(reply, content=tuple(part for part in reply.content if not isinstance(part, Thought)))
