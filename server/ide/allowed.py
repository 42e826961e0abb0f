"""What may be run or edited at all, whoever consents: a list of commands, and paths that stay in a folder. Pure.

`vscode-extension/src/programs/allowed.ts` holds the same rules in the editor, which trusts no hub.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

OPEN_ENDED = "*"
"""The last word of a command after which any further arguments may come."""

GUARDED = frozenset({".git", ".vscode", ".hg", ".svn", ".idea", ".husky", ".devcontainer"})
"""Folders whose files decide what other programs run."""

GUARDED_ENDS = (".code-workspace",)
"""And how the names of such files end."""

Command = tuple[str, ...]


def is_allowed(argv: Sequence[str], commands: Sequence[Command]) -> bool:
    """Word by word: nothing of it is a pattern, and no shell ever reads it."""
    return any(_fits(tuple(argv), command) for command in commands)


def refusal_of_path(path: str) -> str:
    """Why nobody edits *path* (relative to a folder, with `/`) for a program; "" when it may be."""
    parts = PurePosixPath(path).parts
    if not path or "\0" in path or "\\" in path or not parts or path.startswith("/") or ":" in parts[0]:
        return "a path is relative to the folder, with / between its parts"
    if ".." in path.split("/"):
        return "a path does not leave its folder"
    if any(part.lower() in GUARDED or part.lower().endswith(GUARDED_ENDS) for part in parts):
        return "what decides which programs are run is not edited for programs"
    return ""


def _fits(argv: Command, command: Command) -> bool:
    if command[-1] == OPEN_ENDED:
        return argv[: len(command) - 1] == command[:-1]
    return argv == command
