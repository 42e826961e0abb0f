"""Hand a review to GitHub's code scanning as SARIF, once for each head, where the project's `.hive.toml` wants it.

That it cannot be done is told, and keeps nothing else from being posted.
"""

import asyncio
import base64
import gzip
from http import HTTPStatus
from importlib.metadata import version
from uuid import UUID

import msgspec
from msgspec.structs import replace

from server.analysis.pages import text_of_rule
from server.analysis.redaction import redact_keys
from server.effects.api import GitHubRefused
from server.effects.github import GitHub
from server.effects.ledger import Ledger
from server.reviews.publish import open_findings
from server.reviews.pull_request import PullRequestRef
from server.reviews.sarif import TOOL, to_sarif
from server.reviews.snapshot import Report


class _Uploaded(msgspec.Struct, frozen=True):
    id: str


async def upload_once(github: GitHub, ledger: Ledger, ref: PullRequestRef, report: Report, *, job_id: UUID) -> str:
    """Why it is not there, for people; "" when it is. What people dismissed is no alert."""

    async def find() -> _Uploaded | None:
        try:
            analyses = await github.analyses(ref.number, TOOL)
        except GitHubRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:  # there is none yet
                return None
            raise
        return next((_Uploaded(a.sarif_id) for a in analyses if a.commit_sha == ref.head_sha), None)

    async def act() -> _Uploaded:
        content = await asyncio.to_thread(_packed, ref, report)
        return _Uploaded(await github.upload_sarif(ref.number, ref.head_sha, content))

    try:
        key = f"sarif {ref.project}#{ref.number}@{ref.head_sha}"
        await ledger.once(key, _Uploaded, job_id=job_id, find=find, act=act)
    except GitHubRefused as refused:
        if refused.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            why = "the App needs security_events: write, and the repository code scanning"
        else:
            why = str(refused)
        return f"Nothing was uploaded to code scanning: {why}"
    return ""


def _packed(ref: PullRequestRef, report: Report) -> str:
    """Takes a while: the pages of the rules come along."""
    log = to_sarif(
        replace(report, findings=tuple(open_findings(report))),
        project=ref.project,
        head_sha=ref.head_sha,
        version=version("agent-hive"),
        about=text_of_rule,
    )
    text = redact_keys(msgspec.json.encode(log).decode())
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
