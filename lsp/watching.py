"""Files that change beside the editor: the project's choices, the branch that is checked out, code, what was found in.

Asked of editors that watch for us (workspace/didChangeWatchedFiles); of others we hear when something is saved.
"""

from collections.abc import Sequence
from enum import Flag, auto

from lsprotocol import types

from lsp.protocol import HiveProtocol
from server.analysis.language import SUFFIXES
from server.reviews.configuration import FILE_NAME

CODE_SUFFIXES = (
    ".py", ".pyi", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".go", ".java", ".php", ".rb",
)  # fmt: skip

# No pattern within braces: LSP's globs have none, and eglot gives up at one.
WATCHED = (
    f"**/{FILE_NAME}",
    "**/.git/HEAD",
    f"**/*.{{{','.join(suffix[1:] for suffix in SUFFIXES)}}}",
    "**/*Dockerfile*",
    "**/*Containerfile*",
    "**/.env*",
)

GONE = "**/*"
"""What is deleted: of a folder editors tell, of what was in it they do not."""


class Changed(Flag):
    """What such a change is about."""

    CHOICES = auto()
    BRANCH = auto()
    CODE = auto()


NOTHING = Changed(0)


def watch(protocol: HiveProtocol) -> None:
    """Nobody waits for the answer: an editor that refuses tells nothing."""
    watchers = [types.FileSystemWatcher(glob) for glob in WATCHED]
    watchers.append(types.FileSystemWatcher(GONE, types.WatchKind.Delete))
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    registration = types.Registration("hive.files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    protocol.send_request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))


def changed(uris: Sequence[str]) -> Changed:
    found = NOTHING
    for uri in uris:
        if uri.endswith(f"/{FILE_NAME}"):
            found |= Changed.CHOICES
        elif uri.endswith("/.git/HEAD"):
            found |= Changed.BRANCH | Changed.CODE
        elif uri.endswith(CODE_SUFFIXES) or ("." not in uri.rpartition("/")[2] and "/.git/" not in uri):
            found |= Changed.CODE  # what has no suffix may be a folder
    return found
