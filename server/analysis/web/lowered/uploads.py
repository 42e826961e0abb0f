"""Uploaded files that are kept whatever they are."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, Called, chain, plain, walk
from server.analysis.web.lowered.words import UPLOAD_CHECKS
from server.analysis.web.uploads import UNCHECKED_UPLOAD

_OWN_NAMES = frozenset(
    {"getOriginalFilename", "getSubmittedFileName", "getClientOriginalName", "getClientFilename", "Filename"}
    | {"original_filename", "originalName", "getClientOriginalExtension", "originalname", "originalFilename"}
)
_KEEPERS = frozenset(
    {
        "move_uploaded_file",
        "move",
        "move_to",
        "store_as",
        "transfer_to",
        "save_uploaded_file",
        "copy",
        "write",
        "create",
    }
    | {"save_file", "put_file_as", "open", "binwrite", "open_file", "write_file", "cp", "mv", "save"}
)


_SCRIPT_KEEPERS = frozenset(
    {"write_file", "write_file_sync", "create_write_stream", "mv", "rename", "rename_sync", "copy_file", "output_file"}
)
_UPLOADS = re.compile(r"^(?:\w*(?:file|upload|image|avatar|picture|photo|attachment)|part)$", re.IGNORECASE)
"""What a framework of JavaScript hands over an uploaded file as."""


def suspects(body: Body) -> Iterator[Suspect]:
    is_script = body.source.language in (Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX)
    keepers = _SCRIPT_KEEPERS if is_script else _KEEPERS
    kept = next((called for called in body.calls if called.last in keepers and _keeps(called, body)), None)
    if kept is not None and not UPLOAD_CHECKS.search(body.text):
        yield Suspect(
            UNCHECKED_UPLOAD, Hit(body.span(kept.node.line), "An uploaded file is kept, whatever its type"), ""
        )


def _keeps(called: Called, body: Body) -> bool:
    """Whether it puts a file where its sender says, or under the type that its sender says."""
    return any(_is_sent_name(n, body) for n in walk(*called.node.args))


def _is_sent_name(node: object, body: Body, depth: int = 3) -> bool:
    if isinstance(node, p.Attr):
        return node.name in _OWN_NAMES or (
            node.name in ("filename", "name") and _UPLOADS.search(chain(node.base)) is not None
        )
    if isinstance(node, p.Item):
        return chain(node).startswith("$_FILES") and isinstance(node.key, p.Const) and node.key.value == "name"
    if isinstance(node, p.Name) and depth:
        return any(_is_sent_name(n, body, depth - 1) for value in body.values.get(plain(node), ()) for n in walk(value))
    return False
