"""What kinds of job a review is made of, and what else is asked of who thinks with a model."""

from collections.abc import Iterable

from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.passing import FromArgs, FromStep
from server.reviews import reconciling
from server.reviews.chore_kinds import chores, workflows
from server.reviews.fixing import EXACT, THOUGHT
from server.reviews.open_pull_request import ACT, READ
from server.reviews.pull_request import PullRequestRef

REVIEW_QUEUE = "review"
EFFECTS_QUEUE = "effects"

THINK_QUEUE = "think"

COMPLETION = "complete"
"""What comes next where somebody types; asked at a pause, so that what is late is of no use."""

THINKING_KINDS = (
    # It keeps its own time, and ends in time with what it has.
    Kind("review.think", THINK_QUEUE, max_attempts=2, timeout_seconds=600),
    Kind("fix", THINK_QUEUE, max_attempts=2, timeout_seconds=900),
    Kind("rewrite", THINK_QUEUE, max_attempts=2, timeout_seconds=600),
    Kind("explain", THINK_QUEUE, max_attempts=2, timeout_seconds=300),
    Kind("ask", THINK_QUEUE, max_attempts=2, timeout_seconds=300),
    Kind("describe", THINK_QUEUE, max_attempts=2, timeout_seconds=300),
    Kind("triage", THINK_QUEUE, max_attempts=2, timeout_seconds=300),
    # It keeps its own time, and never fails.
    Kind(COMPLETION, THINK_QUEUE, max_attempts=1, timeout_seconds=20),
)
"""Known to every hub, for their jobs outlive its settings; offered only where a model is."""

THOROUGH = "review.thorough"
"""A review by rules and model of files that are sent along."""


def kinds(*, thinks: bool, operations: Iterable[Kind] = ()) -> Kinds:
    """*thinks*: there is a model, so that the rules' report of a pull request is judged before it is published.

    *operations*: what else the effects process does.
    """
    return Kinds(
        [
            Kind("review", REVIEW_QUEUE, max_attempts=3, timeout_seconds=600),
            # One at a time of a project: what came later is what is remembered. It is given whole files.
            Kind(
                "memory.index",
                REVIEW_QUEUE,
                max_attempts=3,
                timeout_seconds=300,
                max_running_per_project=1,
                is_brief=True,
            ),
            Kind("snapshot.fetch", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=300),
            Kind("memory.fetch", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=300),
            Kind("review.publish", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=120),
            Kind("comment.reply", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=120),
            Kind("comment.command", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=120),
            Kind("tree.fetch", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=300),
            Kind("fix.publish", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=120),
            # One at a time of a project: what was read later is what is kept.
            Kind(READ, EFFECTS_QUEUE, max_attempts=5, timeout_seconds=60, max_running_per_project=1),
            Kind(ACT, EFFECTS_QUEUE, max_attempts=8, timeout_seconds=120),
            # What GitHub refuses is told by its result: the next look comes in minutes.
            Kind(reconciling.KIND, EFFECTS_QUEUE, max_attempts=2, timeout_seconds=300),
            *chores(EFFECTS_QUEUE),
            *THINKING_KINDS,
            *operations,
        ],
        [
            _THINKING_PULL_REQUEST if thinks else _PULL_REQUEST,
            _ANSWERED_COMMENT if thinks else _COMMENT,
            *workflows(thinks=thinks),
            _EXACT_FIX,
            _THOUGHT_FIX,
            WorkflowKind(
                "memory.push",
                (
                    Step("files", "memory.fetch"),
                    Step("index", "memory.index", for_each=FromStep("files", ("parts",))),
                ),
            ),
            WorkflowKind(THOROUGH, (Step("review", "review"), Step("think", "review.think", needs=("review",)))),
        ],
    )


_REF = {name: FromArgs((name,)) for name in PullRequestRef.__struct_fields__}
"""Of a step that wants to know which pull request is meant, and nothing else."""

_PULL_REQUEST = WorkflowKind(
    "review.pull_request",
    (
        Step("snapshot", "snapshot.fetch"),
        Step("review", "review", needs=("snapshot",), checkpoint="reviewed"),
        Step("publish", "review.publish", needs=("snapshot", "review")),
    ),
    version=2,  # 1 had no checkpoint
)

_THINKING_PULL_REQUEST = WorkflowKind(
    "review.pull_request",
    (
        Step("snapshot", "snapshot.fetch"),
        Step("review", "review", needs=("snapshot",)),
        Step("think", "review.think", needs=("snapshot", "review"), checkpoint="reviewed"),
        Step("publish", "review.publish", needs=("snapshot", "think")),
    ),
    version=3,  # 2 has no model
)

_COMMENT = WorkflowKind("comment.answer", (Step("reply", "comment.reply"),))
"""Without a model nothing is said; the job tells why."""

_ANSWERED_COMMENT = WorkflowKind(
    "comment.answer",
    (
        Step(
            "snapshot",
            "snapshot.fetch",
            args=dict(_REF),
        ),
        Step("answer", "ask", needs=("snapshot",), args={"question": FromArgs(("question",))}),
        Step("reply", "comment.reply", needs=("snapshot", "answer")),
    ),
    version=2,  # 1 has no model
)

_READ_AGAIN = (
    Step("snapshot", "snapshot.fetch", args=dict(_REF)),
    Step("review", "review", needs=("snapshot",), args=dict(_REF)),
)
_EXACT_FIX = WorkflowKind(EXACT, (*_READ_AGAIN, Step("publish", "fix.publish", needs=("snapshot", "review"))))
_THOUGHT_FIX = WorkflowKind(
    THOUGHT,
    (
        *_READ_AGAIN,
        Step("tree", "tree.fetch", needs=("snapshot",), args=dict(_REF)),
        Step("fix", "fix", needs=("snapshot", "review", "tree"), args={"findings": FromArgs(("findings",))}),
        Step("publish", "fix.publish", needs=("snapshot", "review", "fix")),
    ),
    version=2,  # 1 tested nothing
)

KINDS = kinds(thinks=False)
