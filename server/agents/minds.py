"""The kinds of work that need a model, as a table: who does each, and with which tools.

What an attempt is given - its model, its budget, its transcript - `thinker.py` brings.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from server.agents import asker, completer, describer, fixer, reviewer, rewriter, triager
from server.agents.answer import AnswerRefused
from server.agents.conversation import Conversation
from server.agents.equipment import Equipment
from server.agents.judging import ReviewByRules
from server.agents.model import AskInvalid, BudgetSpent, ModelRefused
from server.agents.reviewer import Reviewer
from server.agents.sandbox import Runner, Sandbox, SandboxUnavailable
from server.agents.thinking import ThinkingReviewer
from server.agents.tools import snapshot_tools
from server.errors import HiveError
from server.jobs.job import GiveUp
from server.jobs.worker import Work
from server.reviews.asks import (
    MAX_FINDINGS_TO_FIX,
    Bill,
    Completion,
    CompletionWish,
    Description,
    FindingQuestion,
    FixOffer,
    FixWish,
    Issue,
    Question,
    QuestionText,
    RewriteWish,
    Told,
    Triage,
)
from server.reviews.finding import Finding
from server.reviews.fixing import at_head
from server.reviews.snapshot import Report, Snapshot
from server.reviews.whole_tree import WholeTree, within
from server.reviews.workflow import COMPLETION

Mind = Callable[[Work, Conversation], Awaitable[Any]]

T = TypeVar("T")

RUNS_AT_ONCE = 2
"""Of repositories' tests: each may take what `Limits` says of this machine's memory."""

_sandbox: Sandbox | None = None
_turns = asyncio.Semaphore(RUNS_AT_ONCE)

NEAR_ONLY = "only the files near the change were fetched"

log = structlog.get_logger()


class _FindingsAlone(msgspec.Struct, forbid_unknown_fields=True):
    findings: tuple[Finding, ...]


class _QuestionAlone(msgspec.Struct, forbid_unknown_fields=True):
    question: QuestionText


def preload(sandbox_paths: Sequence[str] = ()) -> None:
    """Everything that is loaded lazily, and the programs that are started, while they can still be read."""
    global _sandbox
    reviewer.preload()
    snapshot_tools(Snapshot("", ()))
    try:
        _sandbox = Sandbox.find([Path(path) for path in sandbox_paths])
    except SandboxUnavailable as error:
        log.warning("tests of repositories are not run", reason=str(error), hint=error.hint)


async def think_about_review(work: Work, conversation: Conversation) -> Report:
    """`review.think`: its args, or an earlier step's result, are the Snapshot; the step `review` made the Report."""
    snapshot = _decode(work.inputs.get("snapshot", work.args), Snapshot)
    report = _decode(work.inputs["review"], Report)

    def tools_for(snapshot: Snapshot, report: Report) -> Equipment:
        return _equipment(work, conversation, snapshot, report)

    return await ThinkingReviewer(tools_for).review(snapshot, report, conversation.model, work.progress)


async def answer_question(work: Work, conversation: Conversation) -> Told:
    """`ask`: of a snapshot that an earlier step fetched, the args are the question alone."""
    if "snapshot" in work.inputs:
        snapshot = _decode(work.inputs["snapshot"], Snapshot)
        asked = Question(snapshot, _decode(work.args, _QuestionAlone).question)
    else:
        asked = _decode(work.args, Question)
    equipment = _equipment(work, conversation, asked.snapshot)
    return await asker.answer_question(asked, conversation.model, equipment, work.progress)


async def explain(work: Work, conversation: Conversation) -> Told:
    asked = _decode(work.args, FindingQuestion)
    equipment = _equipment(work, conversation, asked.snapshot)
    return await asker.explain(asked, conversation.model, equipment, work.progress)


async def fix(work: Work, conversation: Conversation) -> FixOffer:
    if "snapshot" in work.inputs:
        return await _fix_pull_request(work, conversation)
    return await _fix(work, conversation, _decode(work.args, FixWish))


async def _fix_pull_request(work: Work, conversation: Conversation) -> FixOffer:
    """What rules cannot mend by themselves. Never fails: the fixes of rules do not wait for a model that is away."""
    snapshot, report = _decode(work.inputs["snapshot"], Snapshot), _decode(work.inputs["review"], Report)
    here, _ = at_head(_decode(work.args, _FindingsAlone).findings, report, snapshot)
    findings = tuple(finding for finding in here if finding.fix is None)[:MAX_FINDINGS_TO_FIX]
    if not findings:
        return _no_fix((), "there is nothing for a model to mend")
    tree = _decode(work.inputs["tree"], WholeTree) if "tree" in work.inputs else WholeTree(note=NEAR_ONLY)
    snapshot, untested = within(tree, snapshot)
    try:
        return await _fix(work, conversation, FixWish(snapshot, findings), untested)
    except HiveError as error:
        return _no_fix(findings, f"the model gave no fix: {error}")


def _no_fix(findings: Sequence[Finding], why: str) -> FixOffer:
    left = tuple(finding.fingerprint for finding in findings)
    return FixOffer((), why, (), (), left, "not run: there is nothing to test", Bill())


async def _fix(work: Work, conversation: Conversation, wish: FixWish, untested: str = "") -> FixOffer:
    equipment = _equipment(work, conversation, wish.snapshot)
    async with _rules() as review:
        return await fixer.fix(
            wish,
            conversation.model,
            equipment,
            work.progress,
            review=review,
            runner=_runner(work),
            untested=untested,
        )


async def rewrite(work: Work, conversation: Conversation) -> FixOffer:
    wish = _decode(work.args, RewriteWish)
    equipment = _equipment(work, conversation, wish.snapshot)
    async with _rules() as review:
        return await rewriter.rewrite(wish, conversation.model, equipment, work.progress, review=review)


@asynccontextmanager
async def _rules() -> AsyncIterator[ReviewByRules]:
    rules = Reviewer()
    await rules.start()
    try:
        yield lambda snapshot: rules.review(snapshot, _silent)
    finally:
        await rules.stop()


async def describe(work: Work, conversation: Conversation) -> Description:
    snapshot = _decode(work.args, Snapshot)
    equipment = _equipment(work, conversation, snapshot)
    return await describer.describe(snapshot, conversation.model, equipment, work.progress)


async def triage(work: Work, conversation: Conversation) -> Triage:
    issue = _decode(work.args, Issue)
    equipment = _equipment(work, conversation, issue.snapshot)
    return await triager.triage(issue, conversation.model, equipment, work.progress)


async def complete(work: Work, conversation: Conversation) -> Completion:
    return await completer.complete(_decode(work.args, CompletionWish), conversation.model)


def _giving_up(mind: Mind) -> Mind:
    """What would end the same way again is not tried again; a model that is away may be back."""

    async def think(work: Work, conversation: Conversation) -> Any:
        try:
            return await mind(work, conversation)
        except (AnswerRefused, ModelRefused, AskInvalid, BudgetSpent) as error:
            hint = f" ({error.hint})" if error.hint else ""
            raise GiveUp(f"{error}{hint}") from error

    return think


MINDS: Mapping[str, Mind] = {
    "review.think": think_about_review,
    "ask": _giving_up(answer_question),
    "explain": _giving_up(explain),
    "fix": _giving_up(fix),
    "rewrite": _giving_up(rewrite),
    "describe": _giving_up(describe),
    "triage": _giving_up(triage),
    COMPLETION: complete,
}


def _equipment(work: Work, conversation: Conversation, snapshot: Snapshot, report: Report | None = None) -> Equipment:
    toolbox = snapshot_tools(snapshot, report, runner=_runner(work), secrets=conversation.secrets)
    return Equipment(conversation.tools(toolbox), lambda: toolbox.flags)


def _runner(work: Work) -> Runner | None:
    return Runner(_sandbox, work.children, turns=_turns) if _sandbox is not None else None


def _decode(content: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as error:
        raise GiveUp(f"not a {shape.__name__}: {error}") from error


def _silent(done: int, total: int, note: str) -> None:
    """Who mends tells of the whole, not of each file that the rules read."""
