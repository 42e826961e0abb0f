"""Every operation on GitHub, in one table, and the kinds of job that they are."""

from typing import Any

from server.github import analytics, deployments, merging, protection, protection_plan
from server.github.operation import Operation
from server.jobs.kinds import Kind
from server.reviews.workflow import EFFECTS_QUEUE

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    protection.SHOW,
    protection_plan.PLAN,
    protection_plan.APPLY,
    deployments.LIST,
    deployments.CREATE,
    deployments.SET_STATUS,
    deployments.SET_COMMIT_STATUS,
    analytics.ANALYZE,
    merging.MERGE,
)

KINDS = tuple(
    Kind(operation.kind, EFFECTS_QUEUE, max_attempts=8, timeout_seconds=operation.timeout_seconds)
    for operation in OPERATIONS
)
