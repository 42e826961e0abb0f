"""Read an issue with what is known around it, and do what is suggested of it: labels and an assignee once, one comment
that is edited.

Labels are the repository's own, a person who is assigned owns a file that the issue names, and nothing is closed that
the project's file does not say.
"""

from uuid import UUID

import msgspec

from server.chores import issues
from server.chores.issues import IssueRead, Plan, Told
from server.chores.owners import MAX_FILE_BYTES, PLACES, CodeOwners, users_of
from server.chores.refs import PullChore
from server.effects.api import read_answer
from server.effects.chores.note import Notes
from server.effects.chores.pulls import PullGitHub
from server.effects.configured import read_base
from server.effects.github import REPOSITORY
from server.effects.ledger import Ledger
from server.memory.context import ContextKind
from server.memory.contexts import Contexts
from server.reviews.asks import Issue, KnownIssue, Triage
from server.reviews.snapshot import Snapshot

ISSUE = f"{REPOSITORY}/issues/{{number}}"

MAX_OTHERS = 100
"""Of the repository's newest issues, which are looked at beside what is remembered."""
MAX_REMEMBERED = 10
MAX_TITLE = 1_000
MAX_BODY = 60_000


class Sorted(msgspec.Struct, frozen=True):
    """The result of the last step. *note*: why nothing was done."""

    labels: tuple[str, ...] = ()
    assignee: str = ""
    url: str = ""
    closed_as: int = 0
    note: str = ""


class _Done(msgspec.Struct, frozen=True):
    """What the ledger keeps of labels and an assignee."""

    labels: tuple[str, ...] = ()
    assignee: str = ""


class IssueGitHub(PullGitHub):
    async def issue(self, number: int) -> Told:
        return _told(read_answer(await self._get(ISSUE, number=str(number)), _Issue))

    async def newest_issues(self) -> list[Told]:
        path = f"{REPOSITORY}/issues{{?state,per_page}}"
        answer, _ = await self._ask("GET", path, {"state": "all", "per_page": str(MAX_OTHERS)})
        return [told for told in map(_told, read_answer(answer, list[_Issue])) if not told.is_pull]

    async def labels(self) -> tuple[str, ...]:
        return tuple([read_answer(label, _Named).name async for label in self._pages(f"{REPOSITORY}/labels")])

    async def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        await self._send("POST", f"{ISSUE}/labels", {"labels": list(labels)}, number=str(number))

    async def remove_label(self, number: int, label: str) -> None:
        await self._ask("DELETE", f"{ISSUE}/labels/{{name}}", {"number": str(number), "name": label})

    async def assign(self, number: int, login: str) -> None:
        await self._send("POST", f"{ISSUE}/assignees", {"assignees": [login]}, number=str(number))

    async def close_issue(self, number: int, reason: str) -> None:
        """*reason* "": of a pull request GitHub takes none."""
        data = {"state": "closed"} | ({"state_reason": reason} if reason else {})
        await self._send("PATCH", ISSUE, data, number=str(number))

    async def default_tip(self) -> str:
        """Of the default branch."""
        branch = read_answer(await self._get(REPOSITORY), _Repository).default_branch
        return read_answer(await self._get(f"{REPOSITORY}/git/ref/{{ref}}", ref=f"heads/{branch}"), _Ref).object.sha


async def read_issue(github: IssueGitHub, contexts: Contexts, ref: PullChore, *, thinks: bool) -> IssueRead:
    """*thinks*: a model will be asked."""
    tip = await github.default_tip()
    rules = (await read_base(github, tip)).configuration.issues
    if not rules.enabled:
        return IssueRead(declined="issues are not switched on in .hive.toml of the default branch")
    told = await github.issue(ref.number)
    if told.is_pull or told.state != "open":
        return IssueRead(declined="it is a pull request" if told.is_pull else "it is closed")
    newest = [other for other in await github.newest_issues() if other.number != told.number]
    labels = await github.labels()
    others = [*newest, *await _remembered(github, contexts, ref, told, {other.number for other in newest})]
    return IssueRead(
        told=told,
        labels=labels,
        duplicates=issues.duplicates_of(told, others) if rules.duplicates else (),
        assignee=await _owner(github, tip, told) if rules.assign and not told.assignees else "",
        rules=rules,
        parts=(issues.remembered(ref.project, told),),
        asks=(_asked(ref, told, labels, others),) if thinks and told.title.strip() else (),
    )


async def _remembered(
    github: IssueGitHub, contexts: Contexts, ref: PullChore, told: Told, seen: set[int]
) -> list[Told]:
    """Older ones that are near by meaning, as GitHub has them now."""
    query = f"{told.title}\n{told.body}"[:2_000]
    found = await contexts.search(ref.project, query, kind=ContextKind.PROSE, limit=MAX_REMEMBERED)
    numbers = dict.fromkeys(number for context in found if (number := issues.number_of(context.path)))
    return [await github.issue(number) for number in numbers if number not in seen and number != told.number]


async def _owner(github: IssueGitHub, tip: str, told: Told) -> str:
    """Who owns most of the files that the issue names, and may write; "" for nobody."""
    tree = await github.tree(tip)
    named = issues.paths_named(told, tree.keys())
    place = next((tree[path] for path in PLACES if path in tree), None)
    if not named or place is None or not place.mode.startswith("100") or (place.size or 0) > MAX_FILE_BYTES:
        return ""
    owners = CodeOwners((await github.blob(place.sha)).decode("utf-8", "replace"))
    for login in users_of([owners.owners_of(path) for path in named])[:5]:
        if await github.may_write(login):
            return login
    return ""


def _asked(ref: PullChore, told: Told, labels: tuple[str, ...], others: list[Told]) -> Issue:
    known = tuple(KnownIssue(other.number, other.title[:MAX_TITLE]) for other in others)
    return Issue(Snapshot(ref.project, ()), told.title[:MAX_TITLE], told.body[:MAX_BODY], labels[:200], known[:500])


async def sort_issue(
    github: IssueGitHub,
    ledger: Ledger,
    ref: PullChore,
    read: IssueRead,
    triage: Triage | None,
    *,
    login: str,
    job_id: UUID,
) -> Sorted:
    """*login*: the name under which the App posts."""
    if read.told is None:
        return Sorted(note=read.declined)
    plan = issues.plan(read, triage)
    done = await _label_and_assign_once(github, ledger, ref, plan, job_id)
    url = await _comment(github, ledger, ref, plan, login=login, job_id=job_id)
    if plan.closes_as:
        await _close_once(github, ledger, ref, job_id)
    return Sorted(done.labels, done.assignee, url, plan.closes_as)


async def _label_and_assign_once(
    github: IssueGitHub, ledger: Ledger, ref: PullChore, plan: Plan, job_id: UUID
) -> _Done:
    """What a person takes off again stays off, however the issue is edited."""

    async def find() -> _Done | None:
        return None  # both change nothing when they are done twice

    async def act() -> _Done:
        if plan.labels:
            await github.add_labels(ref.number, plan.labels)
        if plan.assignee:
            await github.assign(ref.number, plan.assignee)
        return _Done(plan.labels, plan.assignee)

    return await ledger.once(f"sorted {ref.project}#{ref.number}", _Done, job_id=job_id, find=find, act=act)


async def _comment(github: IssueGitHub, ledger: Ledger, ref: PullChore, plan: Plan, *, login: str, job_id: UUID) -> str:
    notes = Notes(github, ledger, login=login, job_id=job_id)
    if not plan.text and await notes.find(ref.number, issues.MARKER) is None:
        return ""
    text = plan.text or issues.NOTHING_ANY_MORE
    return await notes.keep(ref.number, issues.MARKER, text, key=f"issue {ref.project}#{ref.number}")


async def _close_once(github: IssueGitHub, ledger: Ledger, ref: PullChore, job_id: UUID) -> None:
    """Whoever reopens it is right."""

    async def find() -> _Done | None:
        return None

    async def act() -> _Done:
        await github.close_issue(ref.number, "duplicate")
        return _Done()

    await ledger.once(f"duplicate {ref.project}#{ref.number}", _Done, job_id=job_id, find=find, act=act)


def _told(issue: "_Issue") -> Told:
    return Told(
        issue.number,
        issue.title,
        issue.body or "",
        issue.state,
        issue.user.login if issue.user else "",
        tuple(label if isinstance(label, str) else label.name for label in issue.labels),
        tuple(user.login for user in issue.assignees or ()),
        issue.pull_request is not None,
    )


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str


class _Named(msgspec.Struct):
    name: str = ""


class _Issue(msgspec.Struct):
    number: int
    title: str
    state: str
    body: str | None = None
    user: _User | None = None
    labels: list[_Named | str] = []
    assignees: list[_User] | None = None
    pull_request: dict[str, object] | None = None


class _Repository(msgspec.Struct):
    default_branch: str


class _Sha(msgspec.Struct):
    sha: str


class _Ref(msgspec.Struct):
    object: _Sha
