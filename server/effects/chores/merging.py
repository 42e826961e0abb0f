"""Merge what somebody wants merged, once it is ready, and keep one comment that says how it stands.

Looks whenever an event says that something changed; nothing is asked again and again. Where GitHub's own rules are all
that is left and the repository allows it, GitHub's auto-merge waits for them; a newer push takes that back.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.chores import merging
from server.chores.merging import Candidate, Ends, Ready, Unknown, Verdict, Waits
from server.chores.refs import PullChore
from server.chores.wishes import MergeWish, MergeWishes
from server.effects.api import GitHubRefused
from server.effects.chores.note import Notes
from server.effects.chores.pulls import Pull, PullGitHub, Ways, configuration_at
from server.effects.ledger import Ledger
from server.jobs.job import Snooze
from server.reviews.chore_rules import MergeGate
from server.reviews.finding import FindingStatus, Severity
from server.reviews.findings import FindingStore
from server.reviews.markdown import plain

UNKNOWN_SECONDS = 5.0
"""How long GitHub is left to work out whether a pull request can be merged; of that it sends no event."""

MANY = 1_000


class Looked(msgspec.Struct, frozen=True):
    """The result of a look. *note*: what is said on the pull request, "" where nobody wants anything of it."""

    note: str = ""
    url: str = ""


class _Merge(msgspec.Struct, frozen=True):
    """What the ledger keeps."""

    sha: str


class Merger:
    """For one look at one pull request. *login*: the name under which the App posts.

    *still_alone* raises when somebody else may be looking by now.
    """

    def __init__(
        self,
        github: PullGitHub,
        ledger: Ledger,
        wishes: MergeWishes,
        findings: FindingStore,
        *,
        login: str,
        job_id: UUID,
        still_alone: Callable[[], Awaitable[None]],
    ) -> None:
        self._github = github
        self._ledger = ledger
        self._wishes = wishes
        self._findings = findings
        self._login = login
        self._job_id = job_id
        self._still_alone = still_alone
        self._notes = Notes(github, ledger, login=login, job_id=job_id)

    async def look(self, ref: PullChore) -> Looked:
        """Raises Snooze while GitHub works out whether it can be merged."""
        looked = Looked()
        for wish in await self._wishes.untold(ref.project, ref.number):
            try:
                looked = await self._see_to(ref, wish)
            except GitHubRefused as refused:
                if refused.status != HTTPStatus.FORBIDDEN:
                    raise
                looked = await self._end(wish, merging.LACKING)
        return looked

    async def _see_to(self, ref: PullChore, wish: MergeWish) -> Looked:
        pull = await self._github.pull(wish.number)
        if wish.ending:
            await self._hand_back(pull)
            return await self._end(wish, wish.ending)
        if wish.login and not await self._github.may_write(wish.login):
            await self._hand_back(pull)
            return await self._end(wish, merging.not_allowed_text(wish.by))
        gate = (await configuration_at(self._github, pull)).merge
        match merging.decide(await self._candidate(wish, pull, gate), gate, wanted_sha=wish.head_sha):
            case Ends(why):
                await self._hand_back(pull)
                return await self._end(wish, why)
            case Unknown():
                raise Snooze(UNKNOWN_SECONDS, "GitHub still works out whether it can be merged")
            case Waits() as waits:
                return await self._wait(wish, pull, gate, waits)
            case Ready():
                return await self._merge(wish, pull, gate)

    async def _candidate(self, wish: MergeWish, pull: Pull, gate: MergeGate) -> Candidate:
        candidate = Candidate(
            pull.state, pull.is_merged, pull.is_draft, pull.head_sha, pull.mergeable, pull.rules, pull.labels
        )  # fmt: skip
        if pull.is_merged or pull.state != "open" or pull.head_sha != wish.head_sha:
            return candidate
        return msgspec.structs.replace(
            candidate,
            checks=await self._github.checks(pull.head_sha),
            verdicts=await self._verdicts(pull),
            open_findings=sum([await self._open(wish, severity) for severity in merging.counted_severities(gate)]),
        )

    async def _verdicts(self, pull: Pull) -> tuple[Verdict, ...]:
        """Anybody may review; only the word of who may write counts, and not the author's own."""
        said = [one for one in await self._github.said(pull.number) if one.login != pull.author]
        return tuple([Verdict(*one) for one in said if await self._github.may_write(one.login)])

    async def _open(self, wish: MergeWish, severity: Severity) -> int:
        place = f"pull_request:{wish.repository}#{wish.number}"
        return len(
            await self._findings.list(
                project=wish.project, status=FindingStatus.OPEN, severity=severity, place=place, limit=MANY
            )
        )

    async def _wait(self, wish: MergeWish, pull: Pull, gate: MergeGate, waits: Waits) -> Looked:
        is_handed_over = bool(pull.auto_merged_by)
        if is_handed_over and pull.auto_merged_by == self._login and not waits.is_githubs:
            await self._hand_back(pull)  # something of ours is open again, and GitHub would not wait for that
            is_handed_over = False
        elif waits.is_githubs and not is_handed_over:
            is_handed_over = await self._hand_over(pull, gate)
        text = merging.waiting_text(waits, head_sha=wish.head_sha, by=wish.by, is_handed_over=is_handed_over)
        return await self._say(wish, text)

    async def _hand_over(self, pull: Pull, gate: MergeGate) -> bool:
        ways = await self._github.ways()
        method = merging.method_of(gate, ways.methods)
        if not ways.by_itself or method is None:
            return False
        await self._still_alone()
        return await self._github.merge_by_itself(pull.node_id, pull.head_sha, method)

    async def _hand_back(self, pull: Pull) -> None:
        """What we told GitHub to do by itself; what others told it is theirs."""
        if pull.state == "open" and pull.auto_merged_by == self._login:
            await self._github.merge_by_itself_no_more(pull.node_id)

    async def _merge(self, wish: MergeWish, pull: Pull, gate: MergeGate) -> Looked:
        ways: Ways = await self._github.ways()
        method = merging.method_of(gate, ways.methods)
        if method is None:
            return await self._end(wish, merging.NO_METHOD)

        async def find() -> _Merge | None:
            now = await self._github.pull(wish.number)
            return _Merge(now.merge_sha) if now.is_merged else None

        async def act() -> _Merge:
            await self._still_alone()
            try:
                return _Merge(await self._github.merge(wish.number, wish.head_sha, method))
            except GitHubRefused:
                if merged := await find():  # its answer was lost, and the connection asked again
                    return merged
                raise

        key = f"merge {wish.project}#{wish.number}@{wish.head_sha}"
        try:
            merged = await self._ledger.once(key, _Merge, job_id=self._job_id, find=find, act=act)
        except GitHubRefused as refused:
            return await self._refused(wish, refused)
        return await self._end(wish, merging.merged_text(merged.sha, head_sha=wish.head_sha, by=wish.by))

    async def _refused(self, wish: MergeWish, refused: GitHubRefused) -> Looked:
        if refused.status == HTTPStatus.METHOD_NOT_ALLOWED:  # its rules are not met, whatever it told a moment ago
            waits = Waits((f"GitHub, which refused: {plain(str(refused), limit=300)}",))
            return await self._say(
                wish, merging.waiting_text(waits, head_sha=wish.head_sha, by=wish.by, is_handed_over=False)
            )
        if refused.status in (HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
            return await self._end(wish, merging.refused_text(f"{refused}. {refused.hint}"))
        raise refused

    async def _end(self, wish: MergeWish, text: str) -> Looked:
        looked = await self._say(wish, text)
        await self._wishes.told(wish.id)
        return looked

    async def _say(self, wish: MergeWish, text: str) -> Looked:
        await self._still_alone()
        marker = merging.note_marker(str(wish.id))
        return Looked(text, await self._notes.keep(wish.number, marker, text, key=f"merge {wish.id}"))
