"""Documents that lie on no disk: a review as Markdown, a job's log, the diff of a fix (`hive:` URIs).

For editors of LSP 3.18 by workspace/textDocumentContent, for others by `hive/content`: the same text.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp.client import Client
from lsp.jobs import NotPermitted
from lsp.messages import CONTENT
from lsp.protocol import RequestFailed
from lsp.reviewing import Reviewing
from server.errors import HiveError
from server.jobs.job import Job
from server.jobs.views import RecordedEvent
from server.reviews.finding import Finding, apply_edits
from server.reviews.markdown import plain

SCHEME = "hive"

OPTIONS: dict[str, Any] = {types.WORKSPACE_TEXT_DOCUMENT_CONTENT: types.TextDocumentContentOptions([SCHEME])}


MAX_PAGES = 20
MAX_FIELDS = 10


class Pages:
    """The last answers that were too long for a message. One client's."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def keep(self, text: str) -> str:
        """Its URI."""
        number = uuid4().hex
        self._kept[number] = text
        if len(self._kept) > MAX_PAGES:
            del self._kept[next(iter(self._kept))]
        return f"{SCHEME}:/answer.md?id={number}"

    def get(self, number: str) -> str:
        """Raises `NoSuchDocument`."""
        if number not in self._kept:
            raise NoSuchDocument("this answer is not kept any more", hint="ask again")
        return self._kept[number]


class JobLogs(Protocol):
    """`server.jobs.views.JobViews`, as far as a log needs it."""

    async def get(self, job_id: UUID) -> Job: ...

    async def events(self, job_id: UUID) -> Sequence[RecordedEvent]: ...


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The params of `hive/content`."""

    uri: str


class NoSuchDocument(HiveError):
    """The URI names nothing that there is."""


class VirtualDocuments:
    """One client's.

    `hive:/review.md?uri=...` is the review of an open document, `hive:/fix.diff?uri=...&fingerprint=...` what a fix
    would change in it, `hive:/job.md?id=...` what happened to a job, `hive:/answer.md?id=...` what a model said.
    """

    def __init__(
        self, client: Client, *, documents: Mapping[str, Reviewing], logs: JobLogs | None, pages: Pages
    ) -> None:
        self._client = client
        self._documents = documents
        self._logs = logs
        self._pages = pages
        self.handlers: dict[str, Callable[..., Any]] = {CONTENT: self._content}
        if client.reads_virtual_documents:
            self.handlers[types.WORKSPACE_TEXT_DOCUMENT_CONTENT] = self._text_document_content

    async def _text_document_content(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        return types.TextDocumentContentResult(await self._text_of(params.uri))

    async def _content(self, params: Any) -> dict[str, Any]:
        try:
            return {"text": await self._text_of(msgspec.convert(params, Asked).uri)}
        except msgspec.ValidationError as error:
            raise JsonRpcInvalidParams(f"{CONTENT}: {error}") from error

    async def _text_of(self, uri: str) -> str:
        try:
            parts = urlsplit(uri)
            asked = asked_in(parts.query)
            match parts.scheme, parts.path:
                case "hive", "/review.md":
                    return review_page(self._open(asked))
                case "hive", "/fix.diff":
                    return fix_diff(self._open(asked), asked.get("fingerprint", ""))
                case "hive", "/answer.md":
                    return self._pages.get(asked.get("id", ""))
                case "hive", "/job.md":
                    return await self._job_page(UUID(asked.get("id", "")))
        except ValueError as error:
            raise RequestFailed(f"{uri} names no document: {error}") from error
        except HiveError as error:
            raise RequestFailed(f"{error}. {error.hint}" if error.hint else str(error)) from error
        raise RequestFailed(f"{uri} names no document of the hub")

    def _open(self, asked: Mapping[str, str]) -> Reviewing:
        reviewing = self._documents.get(asked.get("uri", ""))
        if reviewing is None:
            raise NoSuchDocument("the document is not open")
        return reviewing

    async def _job_page(self, job_id: UUID) -> str:
        if self._logs is None:
            raise NoSuchDocument("this hub tells nothing of jobs")
        job = await self._logs.get(job_id)
        if not self._client.principal.may_see(job.project):
            raise NotPermitted(f"this key does not belong to {job.project}")
        return job_page(job, await self._logs.events(job_id))


def asked_in(query: str) -> dict[str, str]:
    """VS Code encodes `=` and `&`, too: then all of it is to be decoded, once."""
    if "=" in query:
        return {name: values[-1] for name, values in parse_qs(query, max_num_fields=MAX_FIELDS).items()}
    parts = (part.partition("=") for part in unquote(query).split("&", MAX_FIELDS))
    return {name: value for name, _, value in parts}


def review_page(reviewing: Reviewing) -> str:
    """Markdown."""
    document, findings = reviewing.document, reviewing.findings
    name = reviewing.place.path if reviewing.place is not None else document.uri
    count = len(findings.open)
    lines = [f"# Review of {plain(name)}", "", f"{count} open finding{'' if count == 1 else 's'}."]
    for finding in findings.open:
        lines += ["", *_finding_lines(finding)]
    if findings.dismissed:
        lines += ["", "## Dismissed", ""]
        lines += [f"- Line {f.start_line}: {plain(f.message)} ({plain(f.rule)})" for f in findings.dismissed]
    return "\n".join(lines) + "\n"


def fix_diff(reviewing: Reviewing, fingerprint: str) -> str:
    """As of the document as it is now. Raises `NoSuchDocument`."""
    finding = reviewing.findings.get(fingerprint)
    if finding is None or finding.fix is None:
        raise NoSuchDocument("the code of this fix was edited, or it has none")
    text = reviewing.document.text()
    before, after = (t.splitlines(keepends=True) for t in (text, apply_edits(text, finding.fix.edits)))
    shown = difflib.unified_diff(before, after, f"a/{finding.path}", f"b/{finding.path}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in shown)


def job_page(job: Job, events: Sequence[RecordedEvent]) -> str:
    """Markdown."""
    asked = f", asked for by {plain(job.requested_by)}" if job.requested_by else ""
    lines = [f"# {plain(job.kind)}", "", f"{plain(job.project)}: {job.state.value}, attempt {job.attempt}{asked}."]
    if job.error:
        lines += ["", plain(job.error)]
    lines += ["", "| when | what | |", "|---|---|---|"]
    lines += [f"| {e.at:%Y-%m-%d %H:%M:%S} | {plain(e.type)} | {_cell(e.message)} |" for e in events]
    return "\n".join(lines) + "\n"


def _finding_lines(finding: Finding) -> list[str]:
    weakness = f", CWE-{finding.cwe}" if finding.cwe is not None else ""
    lines = [
        f"## Line {finding.start_line}: {plain(finding.message)}",
        "",
        f"{finding.severity.value}, {plain(finding.rule)}{weakness}",
        "",
        plain(finding.why),
    ]
    return [*lines, "", f"Fix: {plain(finding.fix.title)}"] if finding.fix is not None else lines


def _cell(text: str) -> str:
    return plain(" ".join(text.split()))
