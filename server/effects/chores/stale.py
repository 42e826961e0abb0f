"""Look through a repository for what is stale: warn, take the mark off, close. Its default branch says how.

A look that is cut off goes on where it stands at the next one: everything is read from GitHub again.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import asyncpg
import msgspec

from server.chores import stale
from server.chores.stale import Due, Item, Repositories, RepositoryChore
from server.db import Queries
from server.effects.api import GitHubRefused, read_answer
from server.effects.app import GitHubApp
from server.effects.chores.issues import ISSUE, IssueGitHub
from server.effects.chores.note import Notes
from server.effects.configured import read_base
from server.effects.github import REPOSITORY
from server.effects.ledger import Ledger
from server.reviews.chore_rules import StaleRules
from server.reviews.configuration import Configuration
from server.reviews.project import name_from_remote

MAX_REPOSITORIES = 1_000
MAX_ACTS = 50
"""In one look at a repository: nobody wants a hundred mails at once. The rest follows in the next."""

_SQL = Queries.load("server.chores", "stale.sql")


class Swept(msgspec.Struct, frozen=True):
    """The result for one repository: numbers of issues and pull requests."""

    warned: tuple[int, ...] = ()
    unmarked: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()


class StaleGitHub(IssueGitHub):
    async def open_items(self, **query: str) -> AsyncIterator[Item]:
        wanted = {"state": "open", **query}
        async for answer in self._pages(f"{REPOSITORY}/issues", wanted):
            found = read_answer(answer, _Item)
            labels = tuple(label if isinstance(label, str) else label.name for label in found.labels)
            yield Item(found.number, labels, found.updated_at, found.pull_request is not None)

    async def warned_at(self, number: int, login: str) -> datetime | None:
        """When *login* said last that it is stale."""
        last = None
        async for answer in self._pages(f"{ISSUE}/comments", number=str(number)):
            said = read_answer(answer, _Comment)
            if said.user and said.user.login == login and stale.is_warning(said.body or ""):
                last = said.created_at
        return last

    async def unmark(self, number: int, label: str) -> None:
        try:
            await self.remove_label(number, label)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:  # somebody was faster
                raise


async def list_repositories(app: GitHubApp) -> Repositories:
    """Of every installation that is not suspended, but for those that are archived."""
    found: list[RepositoryChore] = []
    async for installation in _installations(app):
        token = await app.token(installation)
        address: str | None = "/installation/repositories{?per_page}"
        while address:
            answer, address = await app.api(installation).ask("GET", address, {"per_page": "100"}, token=token)
            for one in read_answer(answer, _Repositories).repositories:
                project = name_from_remote(one.html_url)
                if project and not one.archived:
                    found.append(RepositoryChore(project, one.full_name, one.default_branch, installation))
    return Repositories(tuple(found[:MAX_REPOSITORIES]), max(0, len(found) - MAX_REPOSITORIES))


async def _installations(app: GitHubApp) -> AsyncIterator[int]:
    address: str | None = "/app/installations{?per_page}"
    while address:
        answer, address = await app.ask("GET", address, {"per_page": "100"})
        for one in read_answer(answer, list[_Installation]):
            if one.suspended_at is None:
                yield one.id


class Sweep:
    """Of one repository. *login*: the name under which the App posts."""

    def __init__(
        self,
        github: StaleGitHub,
        ledger: Ledger,
        pool: asyncpg.Pool,
        chore: RepositoryChore,
        *,
        login: str,
        job_id: UUID,
    ) -> None:
        self._github = github
        self._pool = pool
        self._chore = chore
        self._login = login
        self._notes = Notes(github, ledger, login=login, job_id=job_id)
        self._done: dict[Due, list[int]] = {due: [] for due in Due}

    async def sweep(self) -> Swept:
        configuration = (await read_base(self._github, self._chore.default_branch)).configuration
        now = await self._pool.fetchval(_SQL.now)
        if configuration.stale.enabled:
            await self._see_to_stale(configuration.stale, now)
        if configuration.issues.enabled and configuration.issues.needs_info_label:
            await self._see_to_lacking(configuration, now)
        return Swept(*(tuple(self._done[due]) for due in (Due.WARN, Due.UNMARK, Due.CLOSE)))

    async def _see_to_stale(self, rules: StaleRules, now: datetime) -> None:
        """Those that are marked first, then those that nobody touched for longest."""
        items = [item async for item in self._github.open_items(labels=rules.label)]
        for item in items:
            warned_at = await self._github.warned_at(item.number, self._login)
            await self._act(msgspec.structs.replace(item, warned_at=warned_at), rules, now)
        marked = {item.number for item in items}
        async for item in self._github.open_items(sort="updated", direction="asc"):
            if item.updated_at > now - timedelta(days=rules.days) or self._is_enough:
                return
            if item.number not in marked:
                await self._act(item, rules, now)

    @property
    def _is_enough(self) -> bool:
        return sum(map(len, self._done.values())) >= MAX_ACTS

    async def _act(self, item: Item, rules: StaleRules, now: datetime) -> None:
        due = stale.due(item, rules, now=now)
        if due is Due.NOTHING or self._is_enough:
            return
        match due:
            case Due.WARN:
                # The mark comes first: our word is then the last that GitHub counts as a touch.
                await self._github.add_labels(item.number, (rules.label,))
                await self._say("stale", item, stale.warning(item, rules))
            case Due.UNMARK:
                await self._github.unmark(item.number, rules.label)
            case Due.CLOSE:
                await self._close("stale-closed", item, stale.CLOSING)
        self._done[due].append(item.number)

    async def _see_to_lacking(self, configuration: Configuration, now: datetime) -> None:
        rules = configuration.issues
        items = [item async for item in self._github.open_items(labels=rules.needs_info_label)]
        for item in items:
            if stale.lacks_information(item, rules, now=now) and not self._is_enough:
                await self._close("needs-info", item, stale.LACKING)
                self._done[Due.CLOSE].append(item.number)

    async def _close(self, kind: str, item: Item, text: str) -> None:
        await self._say(kind, item, text)
        await self._github.close_issue(item.number, "" if item.is_pull else "not_planned")

    async def _say(self, kind: str, item: Item, text: str) -> None:
        """Once for each time that it was left alone."""
        marker = stale.marker(kind, item.updated_at)
        key = f"{kind} {self._chore.project}#{item.number} {item.updated_at.isoformat()}"
        await self._notes.keep(item.number, marker, text, key=key)


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str


class _Named(msgspec.Struct):
    name: str = ""


class _Item(msgspec.Struct):
    number: int
    updated_at: datetime
    labels: list[_Named | str] = []
    pull_request: dict[str, object] | None = None


class _Comment(msgspec.Struct):
    created_at: datetime
    user: _User | None = None
    body: str | None = None


class _Installation(msgspec.Struct):
    id: int
    suspended_at: datetime | None = None


class _Repository(msgspec.Struct):
    full_name: str
    html_url: str
    default_branch: str
    archived: bool = False


class _Repositories(msgspec.Struct):
    repositories: list[_Repository]
