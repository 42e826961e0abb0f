"""What an agent that thinks does at the moment, told to the person who waits: its step, and what was spent so far.

Says nothing of what comes of it: that is the answer's affair.
"""

from collections.abc import Callable

from server.agents.bill import Billed
from server.agents.hostile import redact
from server.agents.hostile.cleaning import excerpt_of
from server.agents.model import ToolUse
from server.agents.money import dollars

Progress = Callable[[int, int, str], None]
"""Done, of how many, and a note."""

Step = Callable[[str], None]

ASKING = "asking the model"
CHECKING = "checking its answer"

_DOING = {
    "read": "reading",
    "files": "listing files",
    "search": "searching for",
    "symbols": "outlining",
    "references": "looking up",
    "diff": "reading the diff",
    "history": "reading the commits",
    "findings": "reading the findings",
    "memory": "remembering",
    "run": "running the tests",
}
"""By tool."""

_NAMING = ("path", "name", "pattern", "words")
"""The fields of inputs that say what a tool is used on."""


def no_step(_: str) -> None:
    """Nobody waits."""


def told_use(use: ToolUse) -> str:
    """For people. What the model wrote is data: one line of it, without secrets."""
    on = next((str(use.input[field]) for field in _NAMING if use.input.get(field)), "")
    doing = _DOING.get(use.name, f"using {use.name}")
    return excerpt_of(redact(f"{doing} {on}")).strip()


class Steps:
    """Of one piece of work. *billed*: the model by which it spends."""

    def __init__(self, progress: Progress, billed: Billed, *, total: int = 0) -> None:
        self.total = total
        self._progress = progress
        self._billed = billed
        self._done = 0

    def __call__(self, note: str) -> None:
        self._progress(self._done, self.total, f"{note}{self._spent()}")

    def reached(self, done: int, note: str) -> None:
        self._done = done
        self(note)

    def _spent(self) -> str:
        if not self._billed.calls:
            return ""
        return f" ({self._billed.usage.total:,} tokens, {dollars(self._billed.cost_microdollars)} so far)"
