"""Tell people once that the `.hive.toml` of their base cannot be used: a comment where it was met first.

Every review says it, too, where it says what was not read; what holds meanwhile, `configured.py` decides.
"""

import hashlib
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.configured import ON_THE_BASE
from server.effects.github import GitHub
from server.effects.ledger import Ledger
from server.reviews.configuration import FILE_NAME
from server.reviews.markdown import plain
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Snapshot


class _Told(msgspec.Struct, frozen=True):
    html_url: str = ""


async def tell_of_invalid_configuration(
    github: GitHub, ledger: Ledger, ref: PullRequestRef, snapshot: Snapshot, *, login: str, job_id: UUID
) -> None:
    """Once for a project and what is wrong, on whichever pull request it is."""
    problem = next((file.reason for file in snapshot.skipped if file.path == ON_THE_BASE), "")
    if not problem:
        return
    digest = hashlib.sha256(problem.encode()).hexdigest()[:16]
    marker = f"<!-- hive:configuration {digest} -->"

    async def find() -> _Told | None:
        for said in await github.issue_comments(ref.number):
            if said.login == login and said.body.startswith(marker):
                return _Told(said.html_url)
        return None

    async def act() -> _Told:
        try:
            return _Told((await github.create_issue_comment(ref.number, f"{marker}\n{_text(problem)}")).html_url)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return _Told()

    await ledger.once(f"configuration {ref.project} {digest}", _Told, job_id=job_id, find=find, act=act)


def _text(problem: str) -> str:
    return (
        f"`{FILE_NAME}` on the base branch cannot be used: {plain(problem, limit=1_000)}.\n\n"
        f"`hive config check` says the same before it is merged, and `hive config schema` prints what is allowed. "
        "Nobody is told of this again; reviews say it with what was not read."
    )
