"""The kinds of job that chores are made of. Every one acts on GitHub, so the effects process runs it."""

from server.jobs.kinds import Kind, Step, WorkflowKind
from server.jobs.passing import FromStep
from server.reviews.moves import LEAVE, MOVE

MERGE_LOOK = "merge.look"
MERGE_LOOK_COMMIT = "merge.look_commit"
FEEDBACK_READ = "feedback.read"
BACKPORT = "backport"
DEPENDENCIES = "dependencies.look"
REVIEWERS = "reviewers.request"
STALE = "stale.sweep"
STALE_LIST = "stale.list"
STALE_SWEEP = "stale.repository"
ISSUE = "issue.triage"
ISSUE_READ = "issue.read"
ISSUE_SORT = "issue.sort"


def chores(queue: str) -> list[Kind]:
    return [Kind(name, queue, max_attempts=8, timeout_seconds=300) for name in CHORES]


CHORES = (
    MERGE_LOOK,
    MERGE_LOOK_COMMIT,
    BACKPORT,
    DEPENDENCIES,
    REVIEWERS,
    ISSUE_READ,
    ISSUE_SORT,
    STALE_LIST,
    STALE_SWEEP,
    FEEDBACK_READ,
    MOVE,
    LEAVE,
)


def workflows(*, thinks: bool) -> list[WorkflowKind]:
    """*thinks*: a model says what it takes an issue for, where the project wants it sorted at all."""
    read = Step("read", ISSUE_READ)
    remember = Step("remember", "memory.index", for_each=FromStep("read", ("parts",)))
    think = Step("think", "triage", for_each=FromStep("read", ("asks",)))
    sort = Step("sort", ISSUE_SORT, needs=("read", "think") if thinks else ("read",))
    steps = (read, remember, think, sort) if thinks else (read, remember, sort)
    repositories = Step("repositories", STALE_LIST)
    each = Step("each", STALE_SWEEP, for_each=FromStep("repositories", ("repositories",)))
    return [WorkflowKind(ISSUE, steps, version=2 if thinks else 1), WorkflowKind(STALE, (repositories, each))]
