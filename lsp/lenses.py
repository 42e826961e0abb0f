"""What stands above the code: review this file, explain this finding. Pure.

Where findings are is known at once, so no lens goes while somebody types; which command it runs, when it is drawn.
"""

from collections.abc import Collection

import msgspec
from lsprotocol import types

from lsp.commands import REVIEW
from lsp.convert import range_of
from lsp.diagnostics import DocumentFindings
from lsp.documents import Document
from lsp.protocol import ContentModified
from lsp.thinking import EXPLAIN, REVIEW_THOROUGHLY

_TITLES = {REVIEW: "Review this file", REVIEW_THOROUGHLY: "Review thoroughly", EXPLAIN: "Explain"}


class LensTarget(msgspec.Struct, frozen=True):
    """What a lens is for, in its `data`. *fingerprint*: "" for the whole file."""

    uri: str
    command: str
    fingerprint: str = ""
    rule: str = ""


def lenses(document: Document, findings: DocumentFindings, offered: Collection[str]) -> list[types.CodeLens]:
    """*offered*: the commands that there are."""
    top = types.Range(types.Position(0, 0), types.Position(0, 0))
    whole = [
        _lens(top, LensTarget(document.uri, command)) for command in (REVIEW, REVIEW_THOROUGHLY) if command in offered
    ]
    if EXPLAIN not in offered:
        return whole
    return whole + [
        _lens(
            range_of(document.lines, finding, document.encoding),
            LensTarget(document.uri, EXPLAIN, finding.fingerprint, finding.rule),
        )
        for finding in findings.open
    ]


def resolved(lens: types.CodeLens) -> types.CodeLens:
    try:
        target = msgspec.convert(lens.data, LensTarget)
        title = _TITLES[target.command]
    except (msgspec.ValidationError, KeyError) as error:
        raise ContentModified("not a lens of ours") from error
    arguments = [target.uri, target.fingerprint] if target.fingerprint else [target.uri]
    about = f": {target.rule}" if target.fingerprint else ""
    lens.command = types.Command(title + about, target.command, arguments=arguments)
    return lens


def _lens(range_: types.Range, target: LensTarget) -> types.CodeLens:
    return types.CodeLens(range_, data=msgspec.to_builtins(target))
