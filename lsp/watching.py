"""Files that change beside the editor: the project's choices, the branch that is checked out, code.

Asked of editors that watch for us (workspace/didChangeWatchedFiles); of others we hear when something is saved.
"""

from collections.abc import Sequence
from enum import Flag, auto

from lsprotocol import types

from lsp.protocol import HiveProtocol
from server.reviews.configuration import FILE_NAME

WATCHED = (
    f"**/{FILE_NAME}",
    "**/.git/HEAD",
    "**/*.{py,pyi,js,jsx,mjs,cjs,ts,tsx,go,java,php,rb}",
)


class Changed(Flag):
    """What such a change is about."""

    CHOICES = auto()
    BRANCH = auto()
    CODE = auto()


NOTHING = Changed(0)


def watch(protocol: HiveProtocol) -> None:
    """Nobody waits for the answer: an editor that refuses tells nothing."""
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in WATCHED])
    registration = types.Registration("hive.files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    protocol.send_request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))


def changed(uris: Sequence[str]) -> Changed:
    found = NOTHING
    for uri in uris:
        if uri.endswith(f"/{FILE_NAME}"):
            found |= Changed.CHOICES
        elif uri.endswith("/.git/HEAD"):
            found |= Changed.BRANCH | Changed.CODE
        else:
            found |= Changed.CODE
    return found
