"""Keep one comment about one thing: made once, edited ever after, found again by the marker in its first line.

A note that somebody deleted stays deleted: the ledger knows that there was one.
"""

from http import HTTPStatus
from uuid import UUID

from server.effects.api import GitHubRefused
from server.effects.github import GitHub, Posted
from server.effects.ledger import Ledger


class Notes:
    """Of one repository. *login*: the name under which the App posts; a marker of another's counts for nothing."""

    def __init__(self, github: GitHub, ledger: Ledger, *, login: str, job_id: UUID) -> None:
        self._github = github
        self._ledger = ledger
        self._login = login
        self._job_id = job_id

    async def keep(self, number: int, marker: str, text: str, *, key: str) -> str:
        """Its address. *key*: the ledger's. Whoever calls this is alone with that note."""
        body = f"{marker}\n\n{text}"

        async def find() -> Posted | None:
            return await self.find(number, marker)

        async def act() -> Posted:
            return await self._github.create_issue_comment(number, body)

        posted = await self._ledger.once(f"note {key}", Posted, job_id=self._job_id, find=find, act=act)
        if posted.body != body:
            await self._edit(posted.id, body)
        return posted.html_url

    async def find(self, number: int, marker: str) -> Posted | None:
        """Looked for on every page."""
        for said in await self._github.issue_comments(number):
            if said.login == self._login and said.body.partition("\n")[0].rstrip("\r") == marker:
                return said
        return None

    async def _edit(self, comment_id: int, body: str) -> None:
        """Says the same however often it is done."""
        try:
            await self._github.update_issue_comment(comment_id, body)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:  # deleted since
                raise
