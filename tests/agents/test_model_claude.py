"""Claude behind the protocol, against the strict stand-in of the Messages API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import pytest

from server.agents.breaker import Breaker, BreakerState
from server.agents.claude import ClaudeModel
from server.agents.model import (
    Ask,
    AskInvalid,
    ModelAway,
    ModelFailed,
    ModelRefused,
    Reply,
    ReplyCutOff,
    Text,
    Thought,
    ToolResult,
    ToolSpec,
    Turn,
)
from server.agents.prices import facts_of
from server.agents.settings import ClaudeSettings
from tests.claude.script import OVERLOADED, Fails, HangsUp, Step, Thinks, rate_limited, says, uses
from tests.claude.standin import KEY, claude_stand_in

READ = ToolSpec(
    "read", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
)
ANSWER = ToolSpec("answer", "Give the answer.", {"type": "object", "properties": {"text": {"type": "string"}}})
CYBER = {"type": "refusal", "category": "cyber", "explanation": None}
OLD = {"strong": "claude-opus-4-5", "fast": "claude-haiku-4-5-20251001"}


def an_ask(text: str = "What is wrong here?", **fields: Any) -> Ask:
    return Ask(**({"strength": "strong", "system": "You review code.", "turns": (a_turn(text),)} | fields))


def a_turn(text: str) -> Turn:
    return Turn("user", (Text(text),))


class Moment:
    """A clock that stands still."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@asynccontextmanager
async def claude(*steps: Step, models: dict[str, str] | None = None, **options: Any) -> AsyncIterator[Any]:
    async with claude_stand_in(*steps) as api:
        model = ClaudeModel(ClaudeSettings(KEY, api.url, **(models or {})), **({"max_retries": 0} | options))
        try:
            yield model, api
        finally:
            await model.close()


async def test_a_reply_is_heard_as_it_comes_and_billed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    pieces: list[str] = []
    async with claude(says("The file is never closed.")) as (model, api):
        reply = await model.reply(an_ask(), heard=pieces.append)

    assert reply.text == "".join(pieces) == "The file is never closed."
    assert len(pieces) > 1
    assert (reply.stop_reason, reply.model) == ("end_turn", "claude-opus-5-5")
    assert reply.cost_microdollars == facts_of("claude-opus-5-5").cost(reply.usage) > 0
    assert KEY not in caplog.text + repr(model) + repr(ClaudeSettings(KEY, api.url))


async def test_tools_are_used_side_by_side_and_answered_in_the_next_turn() -> None:
    both = says("Let me look.", uses("read", path="a.py"), uses("read", path="b.py"))
    async with claude(both, says("Both are fine.")) as (model, api):
        ask = an_ask(tools=(READ,))
        first = await model.reply(ask)
        results = tuple(ToolResult(use.id, f"text of {use.input['path']}") for use in first.tool_uses)
        second = await model.reply(an_ask(tools=(READ,), turns=(*ask.turns, first.turn, Turn("user", results))))

    assert first.stop_reason == "tool_use"
    assert [use.input for use in first.tool_uses] == [{"path": "a.py"}, {"path": "b.py"}]
    assert second.text == "Both are fine."
    assert api.refused == []


async def test_thoughts_go_back_as_they_came_and_are_not_heard() -> None:
    heard: list[str] = []
    async with claude(says(Thinks("hm"), uses("read", path="a")), says(Thinks(""), "Fine.")) as (model, api):
        ask = an_ask(tools=(READ,))
        first = await model.reply(ask, heard=heard.append)
        answer = Turn("user", (ToolResult(first.tool_uses[0].id, "x = 1"),))
        await model.reply(an_ask(tools=(READ,), turns=(*ask.turns, first.turn, answer)))

    assert any(isinstance(part, Thought) for part in first.content)
    assert heard == []
    assert api.refused == []


async def test_what_was_asked_before_is_read_from_the_cache() -> None:
    async with claude(says(uses("read", path="a")), says("Fine.")) as (model, _):
        ask = an_ask("look " * 2_000, system="You review code. " * 300, tools=(READ,))
        first = await model.reply(ask)
        answer = Turn("user", (ToolResult(first.tool_uses[0].id, "x = 1"),))
        second = await model.reply(an_ask(system=ask.system, tools=(READ,), turns=(*ask.turns, first.turn, answer)))

    assert first.usage.cache_read_tokens == 0
    assert first.usage.cache_write_tokens > 3_000
    assert second.usage.cache_read_tokens == first.usage.cache_write_tokens
    assert second.cost_microdollars < first.cost_microdollars / 2


@pytest.mark.parametrize("models", [{}, OLD], ids=["told to", "forced to"])
async def test_a_structured_answer_is_a_tool_that_must_be_used(models: dict[str, str]) -> None:
    async with claude(says(uses("answer", text="yes")), models=models) as (model, api):
        reply = await model.reply(an_ask(tools=(READ, ANSWER), must_use="answer"))

    assert [use.input for use in reply.tool_uses] == [{"text": "yes"}]
    assert ("tool_choice" in api.requests[0]) is bool(models)


async def test_a_model_that_did_not_use_the_tool_is_told_once_more() -> None:
    async with claude(says(Thinks(), "Yes."), says(uses("answer", text="yes"))) as (model, api):
        reply = await model.reply(an_ask(tools=(ANSWER,), must_use="answer"))

    assert [use.name for use in reply.tool_uses] == ["answer"]
    assert len(api.requests) == 2
    assert reply.usage.output_tokens > 2
    assert api.refused == []


async def test_a_conversation_goes_on_after_an_answer_that_had_to_be_given() -> None:
    """The demand stands in no later ask: a thought that came after it would be refused."""
    steps = [says(Thinks(), uses("read", path="a")), says(Thinks(), uses("answer")), says(Thinks(), uses("answer"))]
    async with claude(*steps) as (model, api):
        ask = an_ask(tools=(READ, ANSWER))
        for must_use in ("", "answer", "answer"):
            reply: Reply = await model.reply(an_ask(tools=ask.tools, turns=ask.turns, must_use=must_use))
            results = tuple(ToolResult(use.id, "once more", is_error=True) for use in reply.tool_uses)
            ask = an_ask(tools=ask.tools, turns=(*ask.turns, reply.turn, Turn("user", results)))

    assert api.refused == []


@pytest.mark.parametrize(
    ("step", "error", "says_"),
    [
        (OVERLOADED, ModelAway, "Overloaded"),
        (Fails(500, "api_error"), ModelAway, "away"),
        (Fails(401, "authentication_error", f"bad {KEY}"), ModelAway, "key is not accepted"),
        (Fails(404, "not_found_error"), ModelAway, "no model"),
        (Fails(402, "billing_error"), ModelAway, "account"),
        (Fails(302, "api_error", headers={"location": "http://127.0.0.1:1/"}), ModelAway, "away"),
        (Fails(400, "invalid_request_error", "prompt is too long"), AskInvalid, "too long"),
        (Fails(413, "request_too_large"), AskInvalid, "does not take this"),
        (HangsUp(), ModelAway, "reached"),
        (says("half a rep", cut_after=4), ReplyCutOff, "broke off"),
        (says("a reply", cut_after=6), ReplyCutOff, "broke off"),
        (says("half", error_after=(4, "overloaded_error")), ModelAway, "away"),
        (says("half", error_after=(4, "invalid_request_error")), AskInvalid, "does not take"),
        (says("I", stop_reason="refusal", stop_details=CYBER), ModelRefused, "cyber"),
        (says(uses("read"), raw_input='{"path": "a', stop_reason="max_tokens"), ReplyCutOff, "longer than allowed"),
        (says(uses("read"), raw_input='{"path":' + "[" * 60 + "]" * 60 + "}"), ReplyCutOff, "levels deep"),
        (says(uses("read"), raw_input='{"path":' + "[" * 20_000), ReplyCutOff, "not whole"),
        (says(uses("read"), raw_input='["path"]'), ReplyCutOff, "not whole"),
        (says("so long", stop_reason="model_context_window_exceeded"), ReplyCutOff, "context"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_each_failure_says_what_it_means(step: Step, error: type[ModelFailed], says_: str) -> None:
    async with claude(step) as (model, _):
        with pytest.raises(error, match=says_) as raised:
            await model.reply(an_ask(tools=(READ,)))

    assert KEY not in str(raised.value) + raised.value.hint
    assert raised.value.__cause__ is None


async def test_half_characters_become_such_as_can_be_written_down() -> None:
    async with claude(says("half \ud800", uses("read"), raw_input='{"path": "a\\ud83d"}')) as (model, _):
        reply = await model.reply(an_ask(tools=(READ,)))

    assert reply.text == "half ?"
    assert reply.tool_uses[0].input == {"path": "a?"}
    assert msgspec.json.decode(msgspec.json.encode(reply), type=Reply) == reply


async def test_a_reply_that_broke_off_is_billed() -> None:
    async with claude(says("half a reply", cut_after=4)) as (model, _):
        with pytest.raises(ReplyCutOff) as raised:
            await model.reply(an_ask("x " * 1000))

    assert raised.value.usage.total > 300
    assert raised.value.cost_microdollars > 0


async def test_a_text_that_ran_into_its_limit_is_still_a_reply() -> None:
    async with claude(says("Once upon", stop_reason="max_tokens")) as (model, _):
        reply = await model.reply(an_ask())

    assert (reply.text, reply.stop_reason) == ("Once upon", "max_tokens")


async def test_it_comes_again_when_it_was_told_to_wait() -> None:
    async with claude(rate_limited("0.01"), says("Here.")) as (_, api):
        model_that_tries_again = ClaudeModel(ClaudeSettings(KEY, api.url), max_retries=1)
        reply = await model_that_tries_again.reply(an_ask())
        await model_that_tries_again.close()

    assert (reply.text, api.attempts) == ("Here.", 2)


async def test_nobody_waits_for_an_hour() -> None:
    async with claude(rate_limited("3600"), max_retries=3) as (model, api):
        with pytest.raises(ModelAway, match="3600 s"):
            await model.reply(an_ask())

    assert api.attempts == 1


async def test_a_port_where_nobody_listens_is_a_model_that_is_away() -> None:
    async with claude_stand_in() as gone:
        pass
    model = ClaudeModel(ClaudeSettings(KEY, gone.url), max_retries=0)
    with pytest.raises(ModelAway) as raised:
        await model.reply(an_ask())
    await model.close()

    assert "ANTHROPIC_BASE_URL" in raised.value.hint


async def test_cancelling_a_call_ends_it_at_the_provider() -> None:
    async with claude(says("so slow", waits_after=4)) as (model, api):
        call = asyncio.create_task(model.reply(an_ask()))
        await api.waiting.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        async with asyncio.timeout(60):
            await api.left.wait()

    assert call.cancelled()


async def test_an_ask_that_may_be_too_long_is_counted_first() -> None:
    async with claude(says("no"), models=OLD) as (model, api):
        with pytest.raises(AskInvalid, match="tokens long"):
            await model.reply(an_ask("word " * 200_000))
        assert await model.count_tokens(an_ask()) > 0

    assert (len(api.counted), api.requests) == (2, [])


async def test_a_model_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    clock = Moment()
    breaker = Breaker(clock, failures=2, open_seconds=30)
    async with claude(OVERLOADED, OVERLOADED, OVERLOADED, says("Back.")) as (_, api):
        model = ClaudeModel(ClaudeSettings(KEY, api.url), max_retries=0, breaker=breaker)
        for _ in range(5):
            with pytest.raises(ModelAway):
                await model.reply(an_ask())
        assert (api.attempts, breaker.state) == (2, BreakerState.OPEN)

        clock.advance(31)
        with pytest.raises(ModelAway):
            await model.reply(an_ask())
        assert (api.attempts, breaker.state) == (3, BreakerState.OPEN)

        clock.advance(31)
        assert (await model.reply(an_ask())).text == "Back."
        await model.close()

    assert breaker.state is BreakerState.CLOSED


async def test_only_one_tries_whether_it_is_back_and_who_is_cancelled_lets_the_next() -> None:
    clock = Moment()
    breaker = Breaker(clock, failures=1)
    with pytest.raises(ModelAway), breaker.attempt():
        raise ModelAway("overloaded")
    clock.advance(31)

    with suppress(asyncio.CancelledError), breaker.attempt():
        with pytest.raises(ModelAway), breaker.attempt():
            pytest.fail("two at once")
        raise asyncio.CancelledError

    with breaker.attempt():
        pass
    assert breaker.state is BreakerState.CLOSED


def test_an_unknown_model_is_billed_as_the_dearest() -> None:
    unknown, dearest = facts_of("claude-next-7"), facts_of("claude-fable-5-1")

    assert not unknown.is_known
    assert (unknown.price.input, unknown.price.output) == (dearest.price.input, dearest.price.output)
    assert facts_of("claude-haiku-4-5-20251001") == facts_of("claude-haiku-4-5")
