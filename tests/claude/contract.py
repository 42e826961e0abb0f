"""What the Messages API takes, as far as we use it: a pure look at one request. `standin.py` answers with what it says.

Follows the published reference (https://platform.claude.com/docs/en/api/messages) and, for what newer models refuse,
their migration guides. Where the API mends what it gets (turns of one role in a row), this refuses: we never mean that.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

MAX_CACHE_MARKS = 4
WITH_FORCED_TOOLS = ("claude-haiku-4", "claude-sonnet-4", "claude-opus-4")
"""Models that take a `tool_choice` of `any` or `tool`, and a `thinking` that is off; later ones answer 400."""

_TOP = {"model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "metadata", "stop_sequences"} | {
    "thinking",
    "output_config",
    "service_tier",
}
_NEEDED = {
    "text": {"text"},
    "tool_use": {"id", "name", "input"},
    "tool_result": {"tool_use_id"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
}
_ALLOWED = {
    "text": {"cache_control"},
    "tool_use": {"cache_control"},
    "tool_result": {"cache_control", "content", "is_error"},
    "thinking": set[str](),
    "redacted_thinking": set[str](),
}
_BY_ROLE = {
    "user": {"text", "tool_result"},
    "assistant": {"text", "tool_use", "thinking", "redacted_thinking"},
}
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_TOOL_USE_ID = re.compile(r"[a-zA-Z0-9_-]+")


class Refused(Exception):
    """A 4xx answer: *type_* and text as the API's error has them."""

    def __init__(self, message: str, *, type_: str = "invalid_request_error", status: int = 400) -> None:
        super().__init__(message)
        self.type = type_
        self.status = status


def check_headers(headers: Mapping[str, str], key: str) -> None:
    """The key as `x-api-key` or, as the SDK sends it since 2.0, as a bearer token; never both ways."""
    given = [headers.get("x-api-key"), headers.get("authorization", "").removeprefix("Bearer ") or None]
    if sorted(filter(None, given)) != [key]:
        raise Refused("invalid x-api-key", type_="authentication_error", status=401)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", headers.get("anthropic-version", "")):
        raise Refused("anthropic-version: header is required")
    if headers.get("content-type", "").split(";")[0] != "application/json":
        raise Refused("content-type: must be application/json")


def check_body(body: Any, *, counting: bool = False) -> None:
    """Raises `Refused` for the first thing that is wrong. *counting*: for count_tokens, which limits no answer."""
    _object(body, "request", needed={"model", "messages"} | (set() if counting else {"max_tokens"}), allowed=_TOP)
    if counting and (extra := body.keys() & {"max_tokens", "stream", "stop_sequences", "metadata", "service_tier"}):
        raise Refused(f"{min(extra)}: Extra inputs are not permitted")
    if not isinstance(body["model"], str) or not body["model"]:
        raise Refused("model: Input should be a valid string")
    if not counting and (not _is_int(body["max_tokens"]) or not 1 <= body["max_tokens"] <= 128_000):
        raise Refused("max_tokens: must be between 1 and 128000")
    tools = _check_tools(body.get("tools", []))
    _check_choice(body, tools)
    _check_system(body.get("system", ""))
    _check_messages(body["messages"], body["model"])
    _check_thoughts(body)
    _check_cache_marks(body)


def signature_of(body: Mapping[str, Any], index: int) -> str:
    """Of a thought in the message at *index*: what came before it may never change, but for marks of the cache."""
    before = [body.get("system", ""), body.get("tools", []), body["messages"][:index]]
    return hashlib.sha256(json.dumps(_without_marks(before), sort_keys=True).encode()).hexdigest()[:40]


def _check_tools(tools: Any) -> set[str]:
    names: set[str] = set()
    for at, tool in enumerate(_list(tools, "tools")):
        where = f"tools.{at}"
        _object(
            tool, where, needed={"name", "input_schema"}, allowed={"description", "cache_control", "type", "strict"}
        )
        if not isinstance(tool["name"], str) or not _TOOL_NAME.fullmatch(tool["name"]):
            raise Refused(f"{where}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool["name"] in names:
            raise Refused("tools: Tool names must be unique.")
        names.add(tool["name"])
        schema = tool["input_schema"]
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise Refused(f"{where}.custom.input_schema.type: Input should be 'object'")
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise Refused(f"{where}.custom.input_schema: JSON schema is invalid: {error.message}") from error
    return names


def _check_choice(body: Mapping[str, Any], tools: set[str]) -> None:
    if "tool_choice" not in body:
        return
    choice = body["tool_choice"]
    _object(choice, "tool_choice", needed={"type"}, allowed={"name", "disable_parallel_tool_use"})
    if not tools:
        raise Refused("tool_choice: tool_choice may only be specified while providing tools")
    if choice["type"] not in ("auto", "any", "tool", "none"):
        raise Refused("tool_choice: Input tag does not match any of the expected tags")
    if choice["type"] in ("any", "tool") and not body["model"].startswith(WITH_FORCED_TOOLS):
        raise Refused('tool_choice: forced tool use is not supported for this model. Use "auto" or "none".')
    if choice["type"] == "tool" and choice.get("name") not in tools:
        raise Refused(f"tool_choice: Tool '{choice.get('name')}' not found in provided tools")


def _check_system(system: Any) -> None:
    if isinstance(system, str):
        return
    for at, block in enumerate(_list(system, "system")):
        _check_block(block, f"system.{at}", {"text"})


def _check_messages(messages: Any, model: str) -> None:
    if not _list(messages, "messages"):
        raise Refused("messages: at least one message is required")
    open_uses: list[str] = []
    for at, message in enumerate(messages):
        where = f"messages.{at}"
        _object(message, where, needed={"role", "content"}, allowed=set())
        expected = "user" if at % 2 == 0 else "assistant"
        if message["role"] != expected:
            raise Refused(f'{where}: roles must alternate between "user" and "assistant", beginning with "user"')
        blocks = message["content"]
        if isinstance(blocks, str):
            blocks = [{"type": "text", "text": blocks}]
        if not _list(blocks, f"{where}.content"):
            raise Refused(f"{where}: all messages must have non-empty content")
        for number, block in enumerate(blocks):
            _check_block(block, f"{where}.content.{number}", _BY_ROLE[expected])
        _check_pairs(blocks, open_uses, where)
        open_uses = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if len(set(open_uses)) != len(open_uses):
            raise Refused(f"{where}: `tool_use` ids must be unique")
    if messages[-1]["role"] == "assistant":
        raise Refused(f"This model ({model}) does not support assistant message prefill.")


def _check_block(block: Any, where: str, types: set[str]) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in types:
        raise Refused(f"{where}: Input tag '{kind}' does not match any of the expected tags: {sorted(types)}")
    _object(block, where, needed=_NEEDED[kind] | {"type"}, allowed=_ALLOWED[kind])
    if kind == "text" and (not isinstance(block["text"], str) or not block["text"].strip()):
        raise Refused(f"{where}: text content blocks must contain non-whitespace text")
    if kind == "tool_use" and not (
        isinstance(block["input"], dict) and _TOOL_USE_ID.fullmatch(block["id"]) and _TOOL_NAME.fullmatch(block["name"])
    ):
        raise Refused(f"{where}.tool_use: id, name or input is not valid")
    if kind == "tool_result" and not isinstance(block.get("is_error", False), bool):
        raise Refused(f"{where}.tool_result.is_error: Input should be a valid boolean")
    if kind == "tool_result":
        content = block.get("content", "")
        for number, part in enumerate([] if isinstance(content, str) else _list(content, f"{where}.content")):
            _check_block(part, f"{where}.content.{number}", {"text"})


def _check_pairs(blocks: list[Any], open_uses: list[str], where: str) -> None:
    """Every use is answered by exactly one result in the next turn, and results come before anything else."""
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if missing := [use for use in open_uses if use not in results]:
        raise Refused(f"{where}: `tool_use` ids were found without `tool_result` blocks immediately after: {missing}")
    if unknown := [result for result in results if result not in open_uses]:
        raise Refused(f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {unknown}")
    if len(set(results)) != len(results):
        raise Refused(f"{where}: each tool_use must have a single result")
    if results and [block["type"] for block in blocks[: len(results)]] != ["tool_result"] * len(results):
        raise Refused(f"{where}: `tool_result` blocks must come first")


def _check_thoughts(body: Mapping[str, Any]) -> None:
    for at, message in enumerate(body["messages"]):
        for number, block in enumerate(message["content"] if isinstance(message["content"], list) else []):
            if block["type"] == "thinking" and block["signature"] != signature_of(body, at):
                raise Refused(
                    f"messages.{at}.content.{number}: Invalid `signature` in `thinking` block. "
                    "The block is bound to a different conversation."
                )
    thinking = body.get("thinking")
    if thinking and thinking.get("type") == "disabled" and not body["model"].startswith(WITH_FORCED_TOOLS):
        raise Refused('"thinking.type.disabled" is not supported for this model.')


def _check_cache_marks(body: Mapping[str, Any]) -> None:
    marks = [block["cache_control"] for block in blocks_of(body) if "cache_control" in block]
    if len(marks) > MAX_CACHE_MARKS:
        raise Refused(f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}.")
    for mark in marks:
        if mark not in ({"type": "ephemeral"}, {"type": "ephemeral", "ttl": "5m"}, {"type": "ephemeral", "ttl": "1h"}):
            raise Refused("cache_control: Input tag does not match any of the expected tags: 'ephemeral'")


def blocks_of(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """In the order in which the cache sees them: tools, system, messages."""
    yield from body.get("tools", [])
    system = body.get("system", "")
    yield from ([{"type": "text", "text": system}] if isinstance(system, str) and system else system or [])
    for message in body["messages"]:
        content = message["content"]
        yield from ([{"type": "text", "text": content}] if isinstance(content, str) else content)


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_marks(item) for key, item in value.items() if key != "cache_control"}
    return [_without_marks(item) for item in value] if isinstance(value, list) else value


def _object(value: Any, where: str, *, needed: set[str], allowed: set[str]) -> None:
    if not isinstance(value, dict):
        raise Refused(f"{where}: Input should be an object")
    if missing := needed - value.keys():
        raise Refused(f"{where}.{min(missing)}: Field required")
    if extra := value.keys() - needed - allowed:
        raise Refused(f"{where}.{min(extra)}: Extra inputs are not permitted")


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(f"{where}: Input should be a valid list")
    return value


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
