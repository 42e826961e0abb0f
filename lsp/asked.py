"""What an editor asks about: an open document, or a cell of a notebook, with what is known of it. Pure."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from lsprotocol import types

from lsp.convert import Abilities, to_workspace_edit
from lsp.documents import Document
from lsp.reviewing import Reviewing
from lsp.workspace import Place
from server.reviews.finding import Finding, Fix


class Known(NamedTuple):
    open: tuple[Finding, ...]
    dismissed: tuple[Finding, ...]

    def get(self, fingerprint: str) -> Finding | None:
        return next((one for one in (*self.open, *self.dismissed) if one.fingerprint == fingerprint), None)


class Asked(NamedTuple):
    """*findings* are where they are in *document*; *edit* makes their fixes, None where that cannot be.

    *decided_at*: the URI by which commands know the file. *offered*: the commands that there are for it.
    """

    document: Document
    findings: Known
    place: Place | None
    decided_at: str
    offered: Collection[str]
    edit: Callable[[Fix], types.WorkspaceEdit | None]


class TypedIn(NamedTuple):
    """Where somebody types: *document*, which follows the lines *above* in one program that is reviewed as a whole."""

    document: Document
    reviewing: Reviewing
    above: Sequence[str] = ()


def about_document(reviewing: Reviewing, offered: Collection[str], abilities: Abilities) -> Asked:
    document = reviewing.document
    return Asked(
        document,
        Known(reviewing.findings.open, reviewing.findings.dismissed),
        reviewing.place,
        document.uri,
        offered,
        lambda fix: edit_of(document, fix, abilities),
    )


def edit_of(document: Document, fix: Fix, abilities: Abilities) -> types.WorkspaceEdit:
    return to_workspace_edit(fix, document.uri, document.version, document.lines, document.encoding, abilities)


def as_one(edits: Sequence[types.WorkspaceEdit]) -> types.WorkspaceEdit:
    """Edits of several documents, all with the same abilities."""
    changed = [change for edit in edits for change in edit.document_changes or ()]
    if changed:
        return types.WorkspaceEdit(document_changes=changed, change_annotations=edits[0].change_annotations)
    return types.WorkspaceEdit(changes={uri: one for edit in edits for uri, one in (edit.changes or {}).items()})
