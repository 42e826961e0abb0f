"""The kinds of job that chores are made of. Every one acts on GitHub, so the effects process runs it."""

from server.jobs.kinds import Kind

MERGE_LOOK = "merge.look"
MERGE_LOOK_COMMIT = "merge.look_commit"
FEEDBACK_READ = "feedback.read"
BACKPORT = "backport"
DEPENDENCIES = "dependencies.look"
REVIEWERS = "reviewers.request"


def chores(queue: str) -> list[Kind]:
    return [Kind(name, queue, max_attempts=8, timeout_seconds=300) for name in CHORES]


CHORES = (
    MERGE_LOOK,
    MERGE_LOOK_COMMIT,
    BACKPORT,
    DEPENDENCIES,
    REVIEWERS,
    FEEDBACK_READ,
)
