"""The stand-in refuses what the Messages API refuses."""

from typing import Any

import pytest

from tests.claude.contract import Refused, check_body, check_headers, signature_of

TEXT = {"type": "text", "text": "hello"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
TOOL = {"name": "read", "description": "d", "input_schema": {"type": "object"}}
MARK = {"cache_control": {"type": "ephemeral"}}
HEADERS = {"x-api-key": "k", "anthropic-version": "2026-10-21", "content-type": "application/json"}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks) or [TEXT]}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def body(*messages: Any, **fields: Any) -> dict[str, Any]:
    whole = {"model": "claude-opus-5-5", "max_tokens": 100, "messages": list(messages) or [user()]} | fields
    return {key: value for key, value in whole.items() if value is not None}


@pytest.mark.parametrize(
    "taken",
    [
        body(),
        body(system="s", tools=[TOOL], tool_choice={"type": "auto"}, stream=True),
        body(user(), assistant(TEXT, USE), user(RESULT, TEXT), tools=[TOOL]),
        body({"role": "user", "content": "hello"}),
        body(model="claude-opus-4-8", tools=[TOOL], tool_choice={"type": "tool", "name": "read"}),
    ],
)
def test_what_is_right_is_taken(taken: dict[str, Any]) -> None:
    check_body(taken)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (body(max_tokens=None), "max_tokens: Field required|request.max_tokens"),
        (body(max_tokens=0), "max_tokens"),
        (body(model=""), "model"),
        (body(temperature=0.5), "temperature"),
        (body(assistant(TEXT)), "alternate"),
        (body(user(), user()), "alternate"),
        (body(user(), assistant(TEXT)), "prefill"),
        (body(messages=[]), "at least one"),
        (body(user({"type": "text", "text": " "})), "non-whitespace"),
        (body({"role": "user", "content": []}), "non-empty"),
        (body(user(TEXT | {"colour": "red"})), "colour"),
        (body(user(USE)), "expected tags"),
        (body(user(), assistant(USE), user()), "without `tool_result`"),
        (body(user(), assistant(USE), user(RESULT, RESULT)), "single result"),
        (body(user(), assistant(USE), user(TEXT, RESULT)), "must come first"),
        (body(user(RESULT)), "unexpected"),
        (body(user(), assistant(USE, USE), user(RESULT)), "unique"),
        (body(tools=[TOOL | {"name": "a b"}]), "name"),
        (body(tools=[TOOL, TOOL]), "unique"),
        (body(tools=[TOOL | {"input_schema": {"type": "string"}}]), "input_schema"),
        (body(tools=[TOOL | {"input_schema": {"type": "object", "properties": 3}}]), "JSON schema"),
        (body(tool_choice={"type": "auto"}), "while providing tools"),
        (body(tools=[TOOL], tool_choice={"type": "tool", "name": "read"}), "forced"),
        (body(model="claude-opus-4-8", tools=[TOOL], tool_choice={"type": "tool", "name": "x"}), "not found"),
        (body(thinking={"type": "disabled"}), "not supported"),
        (body(user(*[TEXT | MARK] * 5)), "maximum of 4"),
        (body(user(TEXT | {"cache_control": {"type": "forever"}})), "ephemeral"),
        (body(user(), assistant({"type": "thinking", "thinking": "", "signature": "s"}), user()), "signature"),
        (body(user(), assistant({"type": "thinking", "thinking": ""} | MARK), user()), "Field required"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        check_body(wrong)


def test_a_thought_counts_only_after_what_it_came_after() -> None:
    before = body(user(TEXT | MARK))
    thought = {"type": "thinking", "thinking": "", "signature": signature_of(before, 1)}

    check_body(body(user(), assistant(thought, TEXT), user()))
    with pytest.raises(Refused, match="different conversation"):
        check_body(body(user(TEXT, TEXT), assistant(thought, TEXT), user()))


@pytest.mark.parametrize("missing", sorted(HEADERS))
def test_each_header_is_needed(missing: str) -> None:
    check_headers(HEADERS, "k")
    with pytest.raises(Refused):
        check_headers({name: value for name, value in HEADERS.items() if name != missing}, "k")
