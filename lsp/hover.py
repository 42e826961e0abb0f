"""Why a finding is one, where the pointer rests on it. Pure.

Plain text: a message may quote the code, and code that comes from anywhere shall draw no links or pictures.
"""

from lsprotocol import types

from lsp.convert import range_of
from lsp.diagnostics import DocumentFindings
from lsp.documents import Document
from server.reviews.finding import Finding


def hover(document: Document, findings: DocumentFindings, position: types.Position) -> types.Hover | None:
    ranges = [(finding, range_of(document.lines, finding, document.encoding)) for finding in findings.open]
    here = [(finding, place) for finding, place in ranges if place.start <= position <= place.end]
    if not here:
        return None
    text = "\n\n".join(_explanation(finding) for finding, _ in here)
    return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text), here[0][1])


def _explanation(finding: Finding) -> str:
    weakness = f", CWE-{finding.cwe}" if finding.cwe is not None else ""
    return f"{finding.message}\n{finding.why}\n({finding.rule}{weakness})"
