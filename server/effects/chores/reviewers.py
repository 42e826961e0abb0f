"""Ask those for a review who own what a pull request changes: once, when it is opened or leaves its draft.

CODEOWNERS comes from the base. Who was asked and taken off again by a person is not asked anew.
"""

from collections import Counter
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.chores.owners import MAX_FILE_BYTES, PLACES, Choice, CodeOwners, choose, users_of
from server.chores.refs import PullChore
from server.effects.api import GitHubRefused, read_answer
from server.effects.chores.pulls import Pull, PullGitHub, configuration_at
from server.effects.github import PULL, REPOSITORY
from server.effects.ledger import Ledger
from server.reviews.chore_rules import ReviewerRules

MAX_LOOKED_UP = 30
"""Owners whose rights are asked for: those who own most."""

MAX_OPEN = 300
"""Pull requests whose reviewers are counted."""


class Requested(msgspec.Struct, frozen=True):
    """The result. *note*: why nobody was asked, or who could not be."""

    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    note: str = ""


class ReviewerGitHub(PullGitHub):
    async def asked(self, number: int) -> set[str]:
        """Logins and teams that are asked already."""
        answer = read_answer(await self._get(f"{PULL}/requested_reviewers", number=str(number)), _Requested)
        return {user.login.lower() for user in answer.users} | {team.slug for team in answer.teams}

    async def load(self) -> Counter[str]:
        """For how many open pull requests each is asked."""
        counts: Counter[str] = Counter()
        seen = 0
        async for answer in self._pages(f"{REPOSITORY}/pulls", {"state": "open"}):
            counts.update(user.login.lower() for user in read_answer(answer, _Open).requested_reviewers or ())
            seen += 1
            if seen >= MAX_OPEN:
                break
        return counts

    async def request(self, number: int, *, users: tuple[str, ...] = (), teams: tuple[str, ...] = ()) -> None:
        data = {"reviewers": list(users)} if users else {"team_reviewers": list(teams)}
        await self._send("POST", f"{PULL}/requested_reviewers", data, number=str(number))


async def request_reviews(github: ReviewerGitHub, ledger: Ledger, ref: PullChore, *, job_id: UUID) -> Requested:
    pull = await github.pull(ref.number)
    if pull.state != "open" or pull.is_draft:
        return Requested(note="it is not ready for review")
    rules = (await configuration_at(github, pull)).reviewers
    if not rules.enabled:
        return Requested(note="review requests are not switched on in .hive.toml of the base")

    async def find() -> Requested | None:
        return None  # who is asked already is not asked again, and asking twice changes nothing

    async def act() -> Requested:
        return await _request(github, pull, rules)

    return await ledger.once(f"reviewers {ref.project}#{ref.number}", Requested, job_id=job_id, find=find, act=act)


async def _request(github: ReviewerGitHub, pull: Pull, rules: ReviewerRules) -> Requested:
    owners = await _code_owners(github, pull.base_sha, rules)
    if owners is None:
        return Requested(note="the base has no CODEOWNERS")
    already = await github.asked(pull.number)
    room = rules.count - len(already)
    if room <= 0:
        return Requested(note="enough are asked already")
    owned = [owners.owners_of(file.filename) for file in await github.files(pull.number)]
    excluded = {pull.author.lower(), *already, *(login.lower() for login in rules.exclude)}
    candidates = [login for login in users_of(owned) if login not in excluded][:MAX_LOOKED_UP]
    able = frozenset([login for login in candidates if await github.may_write(login)])
    load = await github.load() if able else Counter[str]()
    choice = choose(owned, able=able, load=load, count=room, with_teams=rules.teams)
    return await _ask(github, pull.number, choice)


async def _ask(github: ReviewerGitHub, number: int, choice: Choice) -> Requested:
    if choice.users:
        await github.request(number, users=choice.users)
    notes = [f"not asked: {', '.join(choice.unasked[:10])}"] if choice.unasked else []
    teams = choice.teams
    if teams:
        try:
            await github.request(number, teams=teams)
        except GitHubRefused as refused:  # a team without access to the repository, which only GitHub knows
            if refused.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN):
                raise
            notes.append(f"GitHub did not take the teams {', '.join(teams)}")
            teams = ()
    if not choice.users and not teams:
        notes.append("nobody who owns it may be asked")
    return Requested(choice.users, teams, "; ".join(notes))


async def _code_owners(github: ReviewerGitHub, sha: str, rules: ReviewerRules) -> CodeOwners | None:
    tree = await github.tree(sha)
    for path in (rules.file,) if rules.file else PLACES:
        entry = tree.get(path)
        if entry and entry.mode.startswith("100") and (entry.size or 0) <= MAX_FILE_BYTES:
            return CodeOwners((await github.blob(entry.sha)).decode("utf-8", "replace"))
    return None


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str


class _Team(msgspec.Struct):
    slug: str


class _Requested(msgspec.Struct):
    users: list[_User] = []
    teams: list[_Team] = []


class _Open(msgspec.Struct):
    requested_reviewers: list[_User] | None = None
