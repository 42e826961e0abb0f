"""Carry out what a person commanded in a comment, once, and answer there.

What is done and what is said of it is in the ledger; the answer's marker is looked for before it is posted. Who may not
write to the repository gets a reaction and no word, so that a stranger cannot make us talk.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import msgspec

from server.chores.merging import taken_back_text
from server.chores.refs import PullChore
from server.chores.wishes import MergeWish, MergeWishes
from server.effects.comments import Comments
from server.effects.ledger import Ledger
from server.jobs.job import JobRequest, Priority, encode
from server.reviews import commands
from server.reviews.chore_kinds import MERGE_LOOK
from server.reviews.commands import Command, CommandRef, Name, NotUnderstood
from server.reviews.configuration import (
    FILE_NAME,
    MAX_CONFIGURATION_BYTES,
    Configuration,
    HiveTomlInvalid,
    read_configuration,
)
from server.reviews.finding import Finding, FindingStatus
from server.reviews.findings import Cursor, FindingStore, KnownFinding
from server.reviews.fixing import EXACT, MAX_FINDINGS, THOUGHT, FixRef
from server.reviews.pauses import Pauses
from server.reviews.publish import finding_fingerprints
from server.reviews.pull_request import CommentRef, PullRequestRef
from server.reviews.settling import settle_requests

PAGE = 500


class Answer(msgspec.Struct, frozen=True):
    """*text* "": a job will answer. *is_done*: what was commanded happened. *requests*: jobs that the hub begins."""

    text: str
    is_done: bool = True
    requests: tuple[JobRequest, ...] = ()


class Answered(msgspec.Struct, frozen=True):
    """The result of `comment.command`. No address where nothing was said; *note* tells why."""

    url: str = ""
    note: str = ""
    requests: tuple[JobRequest, ...] = ()


class _Url(msgspec.Struct, frozen=True):
    html_url: str


class Commander:
    """For one command. *configured*: what the base says. *login*: the name under which the App posts. *thinks*: there
    is a model.
    """

    def __init__(
        self,
        comments: Comments,
        ledger: Ledger,
        findings: FindingStore,
        pauses: Pauses,
        wishes: MergeWishes,
        configured: Callable[[], Awaitable[Configuration]],
        *,
        login: str,
        job_id: UUID,
        thinks: bool,
    ) -> None:
        self._comments = comments
        self._ledger = ledger
        self._findings = findings
        self._pauses = pauses
        self._wishes = wishes
        self._configured = configured
        self._login = login
        self._job_id = job_id
        self._thinks = thinks

    async def carry_out(self, ref: CommandRef) -> Answered:
        if ref.is_of_bot and not await self._listens_to_bot(ref):
            return Answered(note=f"{ref.login} is no bot that .hive.toml of the base lets command")
        await self._comments.react("eyes")
        if not ref.is_of_bot and not await self._comments.may_write(ref.login):
            await self._comments.react("confused")
            return Answered(note=f"{ref.login} may not write to {ref.repository}")
        answer = await self._ledger.once(
            f"command {ref.key}", Answer, job_id=self._job_id, find=_nothing, act=lambda: self._act(ref)
        )
        url = await self._answer_once(ref, answer) if answer.text else ""
        await self._comments.react("+1" if answer.is_done else "confused")
        return Answered(url, requests=answer.requests)

    async def _listens_to_bot(self, ref: CommandRef) -> bool:
        """Only to those that the project names, and never to ourselves."""
        return ref.login != self._login and (await self._configured()).commands.knows_bot(ref.login)

    async def _answer_once(self, ref: CommandRef, answer: Answer) -> str:
        async def find() -> _Url | None:
            for said in await self._comments.said():
                if said.login == self._login and commands.is_answer_to(said.body, ref.asked_by):
                    return _Url(said.html_url)
            return None

        async def act() -> _Url:
            said = await self._comments.answer(commands.answer_body(ref.asked_by, answer.text))
            return _Url(said.html_url)

        key = f"answer to command {ref.key}"
        return (await self._ledger.once(key, _Url, job_id=self._job_id, find=find, act=act)).html_url

    async def _act(self, ref: CommandRef) -> Answer:
        if isinstance(ref.command, Command) and not (await self._configured()).commands.allows(ref.command.name):
            return Answer(commands.not_allowed_text(ref.command.name), is_done=False)
        match ref.command:
            case NotUnderstood(why):
                return Answer(commands.help_text(why, thinks=self._thinks), is_done=False)
            case Command(Name.HELP):
                return Answer(commands.help_text(thinks=self._thinks))
            case Command(Name.CONFIG):
                return await self._configuration(ref)
            case Command(Name.REVIEW):
                return await self._review(ref)
            case Command(Name.ASK):
                return await self._ask(ref, ref.command.question)
            case Command(Name.DESCRIBE):
                return await self._ask(ref, commands.DESCRIPTION_WANTED)
            case Command(Name.EXPLAIN):
                return await self._explain(ref, ref.command)
            case Command(Name.FIX):
                return await self._fix(ref, ref.command)
            case Command(Name.MERGE):
                return await self._merge(ref, ref.command)
            case Command(Name.PAUSE):
                await self._pauses.pause(ref.project, ref.number, by=_who(ref))
                return Answer(commands.PAUSED)
            case Command(Name.RESUME):
                await self._pauses.resume(ref.project, ref.number)
                return Answer(commands.RESUMED)
            case command:
                return await self._decide(ref, command)

    async def _configuration(self, ref: CommandRef) -> Answer:
        base_sha = (await self._comments.pull_request(ref.number)).base_sha
        entry = (await self._comments.tree(base_sha)).get(FILE_NAME)
        if entry is None or not entry.mode.startswith("100"):
            return Answer(commands.configuration_text(base_sha, None, ""))
        if (entry.size or 0) > MAX_CONFIGURATION_BYTES:
            return Answer(commands.configuration_text(base_sha, "", "it is too large"))
        text = (await self._comments.blob(entry.sha)).decode("utf-8", "replace")
        try:
            read_configuration(text)
        except HiveTomlInvalid as invalid:
            return Answer(commands.configuration_text(base_sha, text, str(invalid)))
        return Answer(commands.configuration_text(base_sha, text, ""))

    async def _review(self, ref: CommandRef) -> Answer:
        """Also where no review would come by itself."""
        facts = await self._comments.pull_request(ref.number)
        if facts.state != "open":
            return Answer(f"The pull request is {facts.state}.", is_done=False)
        wanted = PullRequestRef(
            ref.project, ref.repository, ref.number, facts.base_sha, facts.head_sha, ref.installation_id
        )
        request = JobRequest(
            kind="review.pull_request",
            project=ref.project,
            args=encode(wanted),
            key=f"{wanted.key} comment {ref.comment_id}",
            priority=Priority.PULL_REQUEST,
            concurrency_group=wanted.name,
            requested_by=_who(ref),
        )
        return Answer(commands.review_text(facts.head_sha), requests=(request,))

    async def _merge(self, ref: CommandRef, command: Command) -> Answer:
        """The look that begins says in its own comment how it stands, and goes on saying it."""
        if command.cancel:
            is_over = await self._wishes.end(ref.project, ref.number, taken_back_text(_who(ref)))
            if not is_over:
                return Answer(commands.NOTHING_TO_MERGE, is_done=False)
        else:
            facts = await self._comments.pull_request(ref.number)
            if facts.state != "open":
                return Answer(f"The pull request is {facts.state}.", is_done=False)
            wish = MergeWish(
                self._job_id, ref.project, ref.repository, ref.number, facts.head_sha, _who(ref), ref.installation_id
            )
            await self._wishes.ask(wish)
        look = PullChore(ref.project, ref.repository, ref.number, ref.installation_id)
        request = JobRequest(
            kind=MERGE_LOOK,
            project=ref.project,
            args=encode(look),
            priority=Priority.PULL_REQUEST,
            requested_by=_who(ref),
        )
        return Answer("", requests=(request,))

    async def _explain(self, ref: CommandRef, command: Command) -> Answer:
        meant = await self._meant(ref, command)
        if isinstance(meant, str):
            return Answer(meant, is_done=False)
        return await self._ask(ref, commands.explanation_wanted(meant.finding))

    async def _fix(self, ref: CommandRef, command: Command) -> Answer:
        """The head is read again for it: a fix belongs to the text in which its finding was found."""
        meant = await self._to_fix(ref, command)
        if isinstance(meant, str):
            return Answer(meant, is_done=False)
        needs_model = any(finding.fix is None for finding in meant)
        if not self._thinks and all(finding.fix is None for finding in meant):
            return Answer(commands.NOTHING_TO_FIX, is_done=False)
        facts = await self._comments.pull_request(ref.number)
        if facts.state != "open":
            return Answer(f"The pull request is {facts.state}.", is_done=False)
        wanted = FixRef(
            ref.project,
            ref.repository,
            ref.number,
            facts.base_sha,
            facts.head_sha,
            ref.installation_id,
            findings=tuple(meant),
            login=ref.login,
            asked_by=ref.asked_by,
            thread_id=ref.thread_id,
        )
        request = JobRequest(
            kind=THOUGHT if needs_model and self._thinks else EXACT,
            project=ref.project,
            args=encode(wanted),
            key=ref.key,
            priority=Priority.PULL_REQUEST,
            requested_by=_who(ref),
        )
        return Answer("", requests=(request,))

    async def _to_fix(self, ref: CommandRef, command: Command) -> list[Finding] | str:
        """The findings, the worst first, or what to say when there is none."""
        if not command.all:
            known = await self._meant(ref, command)
            if isinstance(known, str):
                return known
            is_open = known.finding.status is FindingStatus.OPEN
            return [known.finding] if is_open else commands.closed_text(known.finding)
        found = [k.finding async for k in self._present(ref) if k.finding.status is FindingStatus.OPEN]
        found.sort(key=lambda finding: (finding.severity.rank, finding.path, finding.start_line))
        return found[:MAX_FINDINGS] or commands.NO_OPEN_FINDING

    async def _ask(self, ref: CommandRef, question: str) -> Answer:
        if not self._thinks:
            return Answer(commands.NEEDS_MODEL, is_done=False)
        facts = await self._comments.pull_request(ref.number)
        asked = CommentRef(
            ref.project,
            ref.repository,
            ref.number,
            facts.base_sha,
            facts.head_sha,
            ref.installation_id,
            comment_id=ref.comment_id,
            question=commands.with_place(question, ref.asked_at),
            thread_id=ref.thread_id,
            conversation=ref.thread_id is None,
        )
        request = JobRequest(
            kind="comment.answer",
            project=ref.project,
            args=encode(asked),
            key=ref.key,
            priority=Priority.PULL_REQUEST,
            requested_by=_who(ref),
        )
        return Answer("", requests=(request,))

    async def _decide(self, ref: CommandRef, command: Command) -> Answer:
        meant = await self._meant(ref, command)
        if isinstance(meant, str):
            return Answer(meant, is_done=False)
        fingerprint = meant.finding.fingerprint
        if command.name is Name.DISMISS:
            known = await self._findings.dismiss(ref.project, fingerprint, by=_who(ref), why=command.why)
        else:
            known = await self._findings.reopen(ref.project, fingerprint, by=_who(ref), why=command.why)
        text = commands.decided_text(command.name, known, by=_who(ref))
        return Answer(text, requests=settle_requests(known, by=_who(ref)))

    async def _meant(self, ref: CommandRef, command: Command) -> KnownFinding | str:
        """The finding, or what to say when it cannot be told: only those of this pull request can be meant."""
        begins = command.finding or await self._of_thread(ref)
        if not begins:
            return commands.NO_FINDING_HERE
        fitting = [known async for known in self._present(ref) if known.finding.fingerprint.startswith(begins)]
        if len(fitting) != 1:
            return commands.SEVERAL_FINDINGS if fitting else commands.NO_SUCH_FINDING
        return fitting[0]

    async def _of_thread(self, ref: CommandRef) -> str:
        """The fingerprint of the one finding with which we began the thread, "" when it began otherwise."""
        if ref.thread_id is None:
            return ""
        for said in await self._comments.said():
            if said.id == ref.thread_id and said.login == self._login:
                spoken_of = finding_fingerprints(said.body)
                return next(iter(spoken_of)) if len(spoken_of) == 1 else ""
        return ""

    async def _present(self, ref: CommandRef) -> AsyncIterator[KnownFinding]:
        place = f"pull_request:{ref.repository}#{ref.number}"
        after: Cursor | None = None
        while True:
            page = await self._findings.list(project=ref.project, place=place, after=after, limit=PAGE)
            for known in page:
                yield known
            if len(page) < PAGE:
                return
            after = Cursor(page[-1].first_seen_at, page[-1].project, page[-1].finding.fingerprint)


def _who(ref: CommandRef) -> str:
    return f"github:{ref.login}"


async def _nothing() -> None:
    """What is done leaves no trace on GitHub to look for; doing it again changes nothing."""
