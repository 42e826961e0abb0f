"""Where the tests of a repository run: code of strangers, with nothing to take and nowhere to go.

`runner` runs one command over one tree and says how it ended, `walls` is what stands around it (bubblewrap), and
`system_calls` what it may not ask of the kernel; `own_command` says which command is a repository's own.
"""

from server.agents.sandbox.own_command import OwnCommand, own_command
from server.agents.sandbox.runner import Ended, Limits, Run, Runner
from server.agents.sandbox.walls import Sandbox, SandboxUnavailable

__all__ = [
    "Ended",
    "Limits",
    "OwnCommand",
    "Run",
    "Runner",
    "Sandbox",
    "SandboxUnavailable",
    "own_command",
]
