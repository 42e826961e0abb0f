"""Why a finding is one and where else it was met, where the pointer rests on it; links to its threads. Pure.

*threads* are URLs by fingerprint.

A message may quote the code, and code that comes from anywhere shall draw no links or pictures: it is shown as it is.
"""

from collections.abc import Mapping

from lsprotocol import types

from lsp.asked import Asked
from lsp.convert import range_of
from lsp.history import History
from server.reviews.finding import Finding
from server.reviews.markdown import plain


def hover(
    asked: Asked,
    position: types.Position,
    histories: Mapping[str, History],
    threads: Mapping[str, str],
    kind: types.MarkupKind,
) -> types.Hover | None:
    document, findings = asked.document, asked.findings
    every = (*findings.open, *(finding for finding in findings.dismissed if finding.fingerprint in histories))
    ranges = [(finding, range_of(document.lines, finding, document.encoding)) for finding in every]
    here = [(finding, place) for finding, place in ranges if place.start <= position <= place.end]
    if not here:
        return None
    markdown = kind == types.MarkupKind.Markdown
    texts = [
        _explanation(finding, histories.get(finding.fingerprint), threads.get(finding.fingerprint), markdown=markdown)
        for finding, _ in here
    ]
    return types.Hover(types.MarkupContent(kind, "\n\n".join(texts)), here[0][1])


def links(asked: Asked, histories: Mapping[str, History], threads: Mapping[str, str]) -> list[types.DocumentLink]:
    """From the code of a finding to its thread, else to the newest pull request in which it was met."""
    document, found = asked.document, []
    for finding in asked.findings.open:
        url, history = threads.get(finding.fingerprint), histories.get(finding.fingerprint)
        tooltip = f"{finding.rule}: its thread"
        if url is None and history is not None and history.pull_requests:
            name, url = history.pull_requests[-1]
            tooltip = f"{finding.rule} in pull request {name}"
        if url is not None:
            place = range_of(document.lines, finding, document.encoding)
            found.append(types.DocumentLink(place, target=url, tooltip=tooltip))
    return found


def _explanation(finding: Finding, history: History | None, thread: str | None, *, markdown: bool) -> str:
    weakness = f", CWE-{finding.cwe}" if finding.cwe is not None else ""
    lines = [finding.message, finding.why, f"({finding.rule}{weakness})"]
    if markdown:
        lines = [plain(line) for line in lines]
    if history is not None:
        lines += _known(history, markdown=markdown)
    if thread is not None:
        lines.append(f"[Its thread]({thread})" if markdown else f"Its thread: {thread}")
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
