"""A document as it was opened and what was typed in it since, as one `didOpen`. Pure."""

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from lsp.convert import Encoding
from lsp.documents import Document
from lsp.protocol import shared_converter


def retyped(messages: Sequence[dict[str, Any]], encoding: Encoding) -> dict[str, Any]:
    """*messages*: its didOpen and each didChange, in order. Raises when they make no text that can be kept."""
    opened, *changes = messages
    item = opened["params"]["textDocument"]
    document = Document(item["uri"], item["languageId"], item["version"], item["text"], encoding)
    for change in changes:
        params = shared_converter().structure(change["params"], types.DidChangeTextDocumentParams)
        document.change(params.text_document.version, params.content_changes)
    if (reason := document.refusal("")) is not None:
        raise ValueError(reason)
    text = "".join(document.lines)
    return {**opened, "params": {"textDocument": {**item, "version": document.version, "text": text}}}
