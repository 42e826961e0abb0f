"""What kinds of job a review is made of."""

from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind

REVIEW_QUEUE = "review"
EFFECTS_QUEUE = "effects"

KINDS = Kinds(
    [
        Kind("review", REVIEW_QUEUE, max_attempts=3, timeout_seconds=600),
        Kind("snapshot.fetch", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=300),
        Kind("review.publish", EFFECTS_QUEUE, max_attempts=8, timeout_seconds=120),
    ],
    [
        WorkflowKind(
            "review.pull_request",
            (
                Step("snapshot", "snapshot.fetch"),
                Step("review", "review", needs=("snapshot",), checkpoint="reviewed"),
                Step("publish", "review.publish", needs=("snapshot", "review")),
            ),
            version=2,  # 1 had no checkpoint
        )
    ],
)
