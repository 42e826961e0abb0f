"""Between the model and its tools: what goes in is checked; what comes out is capped, framed and without secrets.

Never raises for what the model asks: whatever is wrong with it, the model is told, in words that say what to do.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog

from server.agents.hostile import Flag, as_data, redact, reveal
from server.agents.hostile.cleaning import excerpt_of
from server.agents.model import ToolResult, ToolSpec, ToolUse
from server.agents.tools.tool import Tool, ToolRefused

MAX_OUTPUT = 30_000
"""Characters of one answer: some 10,000 tokens."""
MAX_INPUT = 20_000
"""Characters of all that the model sends to one."""
MAX_USES = 200
"""Of one toolbox, that is of one attempt."""
MAX_FLAGS = 100

log = structlog.get_logger()


class Toolbox:
    """Of one attempt. *secrets*: those that this process holds; they get into no answer, whatever they look like."""

    def __init__(self, tools: Iterable[Tool], *, secrets: Sequence[str] = (), max_uses: int = MAX_USES) -> None:
        self._tools = {tool.spec.name: tool for tool in tools}
        self._secrets = tuple(secrets)
        self._max_uses = max_uses
        self._flags: dict[tuple[str, str], Flag] = {}
        self.counts: Counter[str] = Counter()
        """How often each was used; refusals count."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self._tools.values())

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What people should know of: hidden text and words to a model in what was shown, and what was tried."""
        return tuple(self._flags.values())

    async def use(self, call: ToolUse) -> ToolResult:
        """Results of several calls may be awaited together."""
        tool = self._tools.get(call.name)
        if tool is None:
            known = ", ".join(self._tools)
            return self._refused(call, f"there is no tool {excerpt_of(call.name)!r}; there are: {known}")
        if self.counts.total() >= self._max_uses:
            return self._refused(call, "no more uses of tools: finish with what you know")
        self.counts[call.name] += 1
        if _size(call.input) > MAX_INPUT:
            return self._refused(call, f"the input is too long: {MAX_INPUT:,} characters are the most")
        try:
            answer = await tool.use(call.input)
        except ToolRefused as refusal:
            if refusal.suspicious:
                self._flag(
                    Flag(refusal.suspicious, excerpt_of(redact(str(call.input), self._secrets)), True, call.name)
                )
            return self._refused(call, str(refusal))
        except Exception as error:  # One of ours is broken: the model goes on without it, and we hear of it.
            log.error("a tool failed", tool=call.name, error=type(error).__name__)
            return self._refused(call, f"{call.name} failed ({type(error).__name__}): try another way")
        return ToolResult(call.id, self._safe(answer, call))

    def _refused(self, call: ToolUse, why: str) -> ToolResult:
        """Also this is data: names of files stand in it, and what the model itself was talked into."""
        return ToolResult(call.id, self._safe(why, call), is_error=True)

    def _safe(self, answer: str, call: ToolUse) -> str:
        shown = reveal(redact(answer, self._secrets), origin=_origin(call))
        for flag in shown.flags:
            self._flag(flag)
        return as_data(_cut(shown.text), f"tool {call.name}")

    def _flag(self, flag: Flag) -> None:
        if len(self._flags) < MAX_FLAGS:
            self._flags.setdefault((flag.kind, flag.excerpt), flag)


def _cut(text: str) -> str:
    if len(text) <= MAX_OUTPUT:
        return text
    return f"{text[:MAX_OUTPUT]}\n[{len(text) - MAX_OUTPUT:,} more characters are left out: ask for less at a time]"


def _origin(call: ToolUse) -> str:
    what = call.input.get("path") or call.input.get("name") or call.input.get("pattern") or ""
    return excerpt_of(f"{call.name} {what}".strip())


def _size(given: Mapping[str, Any]) -> int:
    return len(str(given))
