"""The kinds of job that the effects process runs, as a plain table."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

import aiohttp
import asyncpg
import msgspec

from server.analysis.syntax import still_parses
from server.chores.wishes import MergeWishes
from server.config import Secret
from server.db import open_pool
from server.effects.api import REQUEST_SECONDS, GitHubRefused
from server.effects.app import GitHubApp
from server.effects.branches import branches_for
from server.effects.carrying import same_change
from server.effects.chores.handlers import chore_handlers
from server.effects.commands import Answered, Commander
from server.effects.comments import comments_for
from server.effects.configuration_note import tell_of_invalid_configuration
from server.effects.configured import base_github_for, read_base, why_declined, with_configuration
from server.effects.deliveries import DeliveryLog, Reconciled, reconcile
from server.effects.fixing import Fixed, FixPublisher
from server.effects.github import github_for
from server.effects.ledger import Ledger
from server.effects.open_pull_requests import open_pull_requests_for
from server.effects.operations import operation_handlers
from server.effects.publishing import Published, Publisher, review_key
from server.effects.pushed import Pushed, fetch_pushed
from server.effects.replying import Replied, reply
from server.effects.settings import EffectsSettings
from server.effects.since import looked_at_before
from server.effects.snapshot import fetch_snapshot
from server.effects.thread_acts import act_in_threads
from server.effects.whole_tree import fetch_tree
from server.github.operations import OPERATIONS
from server.hubs.locks import Locks, LockTaken
from server.jobs.job import Event, GiveUp, Snooze
from server.jobs.worker import Handler, Work
from server.memory.contexts import Contexts
from server.memory.recall import change_queries, recall
from server.reviews import reconciling
from server.reviews.asks import FixOffer, Told
from server.reviews.auto_review import REVIEWED_BEFORE
from server.reviews.chore_kinds import CHORES
from server.reviews.commanded import FINDINGS_CHANGED
from server.reviews.commands import CommandRef, paused_reason
from server.reviews.configuration import Configuration, judged, read_configuration
from server.reviews.findings import FindingStore
from server.reviews.fixing import FixRef
from server.reviews.open_pull_request import ACT, READ, Acted, OpenPullRequest, Read, ReadWish, ThreadAct
from server.reviews.pauses import Pauses
from server.reviews.pull_request import CommentRef, PullRequestRef
from server.reviews.push import PushRef
from server.reviews.snapshot import Report, Snapshot
from server.reviews.watched_branches import WatchedBranches
from server.reviews.whole_tree import WholeTree

BUSY_SECONDS = 5.0
MAX_MEMORIES = 12


@asynccontextmanager
async def open_handlers(settings: EffectsSettings) -> AsyncIterator[dict[str, Handler]]:
    """The table, with its connections to GitHub and Postgres for as long as the block lasts."""
    pool = await open_pool(settings.database_url)
    try:
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            # Only asked here: nothing of what is fetched is remembered, so there is nothing to redact.
            contexts = Contexts(pool, redact=str) if settings.thinks else None
            yield make_handlers(settings, session, Ledger(pool), Locks(pool), contexts, pool, log=DeliveryLog(pool))
    finally:
        await pool.close()


def make_handlers(
    settings: EffectsSettings,
    session: aiohttp.ClientSession,
    ledger: Ledger,
    locks: Locks,
    contexts: Contexts | None = None,
    pool: asyncpg.Pool | None = None,
    *,
    log: DeliveryLog | None = None,
) -> dict[str, Handler]:
    """*contexts*: what is remembered, for a model that will read the change. *pool*: where findings are kept."""
    if settings.app_id is None:
        return dict.fromkeys(_KINDS, _without_app)
    app = GitHubApp(
        session, app_id=settings.app_id, private_key=Secret(settings.private_key), api_url=settings.api_url
    )  # fmt: skip

    async def fetch(work: Work) -> Snapshot:
        ref = msgspec.json.decode(work.args, type=PullRequestRef)
        github = await base_github_for(app, ref)
        if ref.relabelled and await ledger.is_done(review_key(ref.project, ref.number, ref.head_sha)):
            return _declined(ref, REVIEWED_BEFORE)
        paused = await _why_paused(pool, ref)
        same = await same_change(github, ref, open_findings=await _open_findings(pool, ref)) if not paused else None
        configured = await read_base(github, ref.base_sha)
        if same and not configured.configuration.github.sarif:  # code scanning wants each head's own
            return same
        if declined := paused or await why_declined(github, ref, configured):
            return _declined(ref, declined)
        snapshot = await fetch_snapshot(github, ref, work.progress, for_model=settings.thinks, children=work.children)
        snapshot = with_configuration(snapshot, configured)
        if contexts is None:
            return snapshot
        if pool is not None:
            store = FindingStore(pool, _tell_nobody)
            looked = await looked_at_before(github, store, ref, snapshot.head_sha)
            snapshot = msgspec.structs.replace(snapshot, looked=looked)
        return msgspec.structs.replace(
            snapshot, memories=await recall(contexts, ref.project, change_queries(snapshot), MAX_MEMORIES)
        )

    async def publish(work: Work) -> Published:
        ref = msgspec.json.decode(work.args, type=PullRequestRef)
        snapshot = msgspec.json.decode(work.inputs["snapshot"], type=Snapshot)
        if snapshot.declined and not snapshot.carried_from:
            return Published(note=f"not reviewed: {snapshot.declined}")
        ref = msgspec.structs.replace(ref, base_sha=snapshot.base_sha, head_sha=snapshot.head_sha)
        github, login = await github_for(app, ref), await app.login()
        try:
            # Two pushes in a row are two jobs: what one has said, the other is not to say again.
            async with locks.hold(f"pull_request:{ref.project}#{ref.number}", by=f"job {work.job_id}") as lock:
                publisher = Publisher(
                    github,
                    ledger,
                    login=login,
                    still_parses=still_parses,
                    job_id=work.job_id,
                    still_alone=partial(locks.confirm, lock),
                )
                if snapshot.carried_from:
                    return await publisher.carry_over(ref, snapshot.carried_from)
                await tell_of_invalid_configuration(github, ledger, ref, snapshot, login=login, job_id=work.job_id)
                reviewed = work.inputs.get("think") or work.inputs["review"]
                report = msgspec.json.decode(reviewed, type=Report)
                report = judged(report, read_configuration(snapshot.configuration))
                return await publisher.publish(ref, snapshot, report)
        except LockTaken:
            raise Snooze(BUSY_SECONDS, "another review of this pull request is being posted") from None

    async def answer(work: Work) -> Replied:
        ref = msgspec.json.decode(work.args, type=CommentRef)
        if "answer" not in work.inputs:
            return Replied(note="no model is configured: set ANTHROPIC_API_KEY where the hub starts")
        told = msgspec.json.decode(work.inputs["answer"], type=Told)
        head_sha = msgspec.json.decode(work.inputs["snapshot"], type=_Head).head_sha
        ref = msgspec.structs.replace(ref, head_sha=head_sha)
        comments, login = await comments_for(app, ref), await app.login()
        return await reply(comments, ledger, ref, told, login=login, job_id=work.job_id)

    async def command(work: Work) -> Answered:
        assert pool is not None

        async def announce(event: Event) -> None:
            work.tell(FINDINGS_CHANGED, msgspec.json.encode(event))

        ref = msgspec.json.decode(work.args, type=CommandRef)
        comments, login = await comments_for(app, ref), await app.login()
        findings = FindingStore(pool, announce)
        commander = Commander(
            comments,
            ledger,
            findings,
            Pauses(pool),
            MergeWishes(pool),
            partial(_configuration_for, app, ref),
            login=login,
            job_id=work.job_id,
            thinks=settings.thinks,
        )
        return await commander.carry_out(ref)

    async def publish_fix(work: Work) -> Fixed:
        ref = msgspec.json.decode(work.args, type=FixRef)
        snapshot = msgspec.json.decode(work.inputs["snapshot"], type=Snapshot)
        report = msgspec.json.decode(work.inputs["review"], type=Report)
        report = judged(report, read_configuration(snapshot.configuration))
        offer = msgspec.json.decode(work.inputs["fix"], type=FixOffer) if "fix" in work.inputs else None
        comments, login = await comments_for(app, ref), await app.login()
        publisher = FixPublisher(
            comments,
            partial(branches_for, app, ref),
            ledger,
            login=login,
            still_parses=still_parses,
            job_id=work.job_id,
        )
        return await publisher.publish(ref, snapshot, report, offer)

    async def fetch_whole_tree(work: Work) -> WholeTree:
        ref = msgspec.json.decode(work.args, type=PullRequestRef)
        snapshot = msgspec.json.decode(work.inputs["snapshot"], type=Snapshot)
        return await fetch_tree(await base_github_for(app, ref), snapshot, work.progress, work.children)

    async def look_through_log(work: Work) -> Reconciled:
        assert log is not None
        return await reconcile(app, log, ledger, job_id=work.job_id)

    async def fetch_for_memory(work: Work) -> Pushed:
        ref = msgspec.json.decode(work.args, type=PushRef)
        return await fetch_pushed(await github_for(app, ref), ref, work.progress)

    async def read(work: Work) -> Read:
        wish = msgspec.json.decode(work.args, type=ReadWish)
        if pool is None or not await WatchedBranches(pool).is_watched(wish.project):
            return Read()
        return Read(await _with_review(await (await open_pull_requests_for(app, wish)).read(wish), ledger))

    async def act(work: Work) -> Acted:
        wish = msgspec.json.decode(work.args, type=ThreadAct)
        return await act_in_threads(app, ledger, wish, job_id=work.job_id)

    chores = chore_handlers(app, ledger, locks, pool, thinks=settings.thinks) if pool is not None else {}
    return {
        READ: _giving_up(read),
        ACT: _giving_up(act),
        "snapshot.fetch": _giving_up(fetch),
        "review.publish": _giving_up(publish),
        "comment.reply": _giving_up(answer),
        "comment.command": _giving_up(command),
        "tree.fetch": _giving_up(fetch_whole_tree),
        "fix.publish": _giving_up(publish_fix),
        "memory.fetch": _giving_up(fetch_for_memory),
        reconciling.KIND: _giving_up(look_through_log),
        **{kind: _giving_up(handler) for kind, handler in operation_handlers(app, ledger, locks, pool).items()},
        **{kind: _giving_up(handler) for kind, handler in chores.items()},
    }


_KINDS = (
    "snapshot.fetch",
    "review.publish",
    "comment.reply",
    "comment.command",
    "tree.fetch",
    "fix.publish",
    "memory.fetch",
    READ,
    ACT,
    reconciling.KIND,
    *(operation.kind for operation in OPERATIONS),
    *CHORES,
)


async def _configuration_for(app: GitHubApp, ref: CommandRef) -> Configuration:
    """What the base of a pull request says now."""
    github = await base_github_for(app, ref)
    return (await read_base(github, (await github.pull_request(ref.number)).base_sha)).configuration


def _declined(ref: PullRequestRef, why: str) -> Snapshot:
    return Snapshot(ref.project, (), base_sha=ref.base_sha, head_sha=ref.head_sha, declined=why)


async def _why_paused(pool: asyncpg.Pool | None, ref: PullRequestRef) -> str:
    """ "" for what is to be reviewed: also all that somebody asks for."""
    by = await Pauses(pool).paused_by(ref.project, ref.number) if pool is not None and ref.automatic else ""
    return paused_reason(by) if by else ""


async def _open_findings(pool: asyncpg.Pool | None, ref: PullRequestRef) -> int | None:
    """How many the pull request has; None where nobody knows."""
    if pool is None:
        return None
    return await FindingStore(pool, _tell_nobody).count_open(ref.project, f"pull_request:{ref.name}")


async def _tell_nobody(event: Event) -> None:
    """Nothing is decided."""


class _Head(msgspec.Struct):
    """What is needed of a snapshot to say what was answered about."""

    head_sha: str


async def _with_review(told: OpenPullRequest | None, ledger: Ledger) -> OpenPullRequest | None:
    """Nobody watched the branch, it may be, when its head was reviewed: the ledger knows."""
    if told is None or told.number is None or told.reviewed_sha:
        return told
    is_reviewed = await ledger.is_done(review_key(told.project, told.number, told.head_sha))
    return msgspec.structs.replace(told, reviewed_sha=told.head_sha) if is_reviewed else told


def _giving_up(handler: Handler) -> Handler:
    """What GitHub refused, it would refuse again; only a refused identity can be mended while the job waits."""

    async def handle(work: Work) -> object:
        try:
            return await handler(work)
        except GitHubRefused as refused:
            if refused.status == HTTPStatus.UNAUTHORIZED:
                raise
            hint = f" ({refused.hint})" if refused.hint else ""
            raise GiveUp(f"{refused}{hint}") from refused

    return handle


async def _without_app(work: Work) -> None:
    raise GiveUp("no GitHub App is configured: set GITHUB_APP_ID and GITHUB_PRIVATE_KEY, then retry this job")
