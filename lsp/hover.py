"""Why a finding is one and where else it was met, where the pointer rests on it; links to its pull requests. Pure.

A message may quote the code, and code that comes from anywhere shall draw no links or pictures: it is shown as it is.
"""

from collections.abc import Mapping

from lsprotocol import types

from lsp.convert import range_of
from lsp.diagnostics import DocumentFindings
from lsp.documents import Document
from lsp.history import History
from server.reviews.finding import Finding
from server.reviews.markdown import plain


def hover(
    document: Document,
    findings: DocumentFindings,
    position: types.Position,
    histories: Mapping[str, History],
    kind: types.MarkupKind,
) -> types.Hover | None:
    every = (*findings.open, *(finding for finding in findings.dismissed if finding.fingerprint in histories))
    ranges = [(finding, range_of(document.lines, finding, document.encoding)) for finding in every]
    here = [(finding, place) for finding, place in ranges if place.start <= position <= place.end]
    if not here:
        return None
    markdown = kind == types.MarkupKind.Markdown
    texts = [_explanation(finding, histories.get(finding.fingerprint), markdown=markdown) for finding, _ in here]
    return types.Hover(types.MarkupContent(kind, "\n\n".join(texts)), here[0][1])


def links(document: Document, findings: DocumentFindings, histories: Mapping[str, History]) -> list[types.DocumentLink]:
    """From the code of a finding to the newest pull request in which it was met."""
    return [
        types.DocumentLink(
            range_of(document.lines, finding, document.encoding),
            target=history.pull_requests[-1].url,
            tooltip=f"{finding.rule} in pull request {history.pull_requests[-1].name}",
        )
        for finding in findings.open
        if (history := histories.get(finding.fingerprint)) is not None and history.pull_requests
    ]


def _explanation(finding: Finding, history: History | None, *, markdown: bool) -> str:
    weakness = f", CWE-{finding.cwe}" if finding.cwe is not None else ""
    lines = [finding.message, finding.why, f"({finding.rule}{weakness})"]
    if markdown:
        lines = [plain(line) for line in lines]
    if history is not None:
        lines += _known(history, markdown=markdown)
    return ("  \n" if markdown else "\n").join(line for line in lines if line)


def _known(history: History, *, markdown: bool) -> list[str]:
    shown = plain if markdown else str
    lines = [f"Known since {history.first_seen_at:%Y-%m-%d}."]
    if history.dismissal is not None:
        lines.append(shown(f"Dismissed by {history.dismissal}"))
    for name, url in history.pull_requests:
        lines.append(
            f"Also in pull request [{plain(name)}]({url})" if markdown else f"Also in pull request {name}: {url}"
        )
    return lines
