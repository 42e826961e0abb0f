"""Other people's language servers for Python, beside which ours is measured: who they are and how they are started.

Each on stdio, with the settings that it has from its makers, and a line of code that it flags by those. `ruff server`
is the linter that our own reviewer asks, by the rules that it asks it for; the others stand in environments of their
own.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from bench import environments
from server.analysis.ruff_rules import SELECTED

UNDEFINED = "answer = lenn(input())"
"""What type checkers and pyflakes flag; `eval` they do not."""


@dataclass(frozen=True)
class Peer:
    """*waits_ms*: how long it waits on purpose after an edit. *ahead*: how many times its P50 ours is to be ahead."""

    command: Callable[[], Sequence[str]]
    bad: str = UNDEFINED
    options: dict[str, Any] = field(default_factory=dict)
    environment_name: str = ""
    requirements: Sequence[str] = ()
    waits_ms: float = 0.0
    ahead: float | None = None

    async def install(self) -> None:
        """Raises `PeerFailed`."""
        if self.requirements:
            await environments.install(self.environment_name, self.requirements)

    def environment(self) -> dict[str, str]:
        """Pyright finds the node that is there."""
        own = environments.program(self.environment_name, "") if self.environment_name else ""
        return {**os.environ, "PATH": f"{own}{os.pathsep}{os.environ['PATH']}"}


def _program(environment: str, *argv: str) -> Callable[[], Sequence[str]]:
    return lambda: (str(environments.program(environment, argv[0])), *argv[1:])


PEERS = {
    "ruff server": Peer(
        lambda: (find_ruff_bin(), "server", "--isolated"),
        # S307, eval: our own rules have it, so the reviewer does not ask ruff for it.
        bad="answer = eval(input())",
        options={"settings": {"logLevel": "error", "lint": {"select": [*SELECTED, "S307"]}}},
    ),
    # The linters that it has switched on when they are installed: pyflakes, pycodestyle and mccabe; no mypy, no pylint.
    # It looks half a second after the last edit, which cannot be set (`LINT_DEBOUNCE_S`).
    "pylsp": Peer(
        _program("pylsp", "pylsp"),
        environment_name="pylsp",
        requirements=("python-lsp-server==1.15.0", "pyflakes==3.2.0", "pycodestyle==2.12.1", "mccabe==0.7.0"),
        waits_ms=500.0,
        ahead=5.0,
    ),
    "pyright": Peer(
        _program("pyright", "pyright-langserver", "--stdio"),
        environment_name="pyright",
        requirements=("pyright==1.1.414",),
        ahead=5.0,
    ),
}
