"""Deployments and statuses: what is wished of them, and how GitHub has them. Pure.

A deployment is GitHub's word that a commit goes to an environment; whoever deploys reports statuses of it. A commit
status is one check's word about a commit. Both are pinned: a commit is named by its whole SHA.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from server.github.operation import Operation
from server.reviews.pull_request import Sha

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
Description = Annotated[str, msgspec.Meta(max_length=140, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""GitHub takes no more."""
Url = Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^(?:https?://[^\x00-\x20\x7f]+)?\Z")]
Id = Annotated[int, msgspec.Meta(ge=1)]


class DeploymentState(StrEnum):
    ERROR = "error"
    FAILURE = "failure"
    INACTIVE = "inactive"
    IN_PROGRESS = "in_progress"
    QUEUED = "queued"
    PENDING = "pending"
    SUCCESS = "success"


class CheckState(StrEnum):
    ERROR = "error"
    FAILURE = "failure"
    PENDING = "pending"
    SUCCESS = "success"


class DeploymentsNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which are listed, the newest first; "" for any."""

    environment: Annotated[str, msgspec.Meta(max_length=255)] = ""
    sha: Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64}|)\Z")] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10


class NewDeployment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*required_checks*: contexts that have to be good on the commit; None for all that it has, empty for none.

    *is_production*: people use it; None: GitHub judges by the environment's name. *is_transient*: it will go away.
    """

    sha: Sha
    environment: Name
    task: Name = "deploy"
    description: Description = ""
    required_checks: Annotated[tuple[Name, ...], msgspec.Meta(max_length=100)] | None = None
    is_production: bool | None = None
    is_transient: bool = False


class NewDeploymentStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*log_url*: where its output is read; *environment_url*: where the environment itself is."""

    deployment: Id
    state: DeploymentState
    description: Description = ""
    log_url: Url = ""
    environment_url: Url = ""


class NewCommitStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*context*: the name under which the check speaks; its last word counts."""

    sha: Sha
    state: CheckState
    context: Name = "agent-hive"
    description: Description = ""
    target_url: Url = ""


class Deployment(msgspec.Struct, frozen=True):
    """*state*: of its newest status, "" where it has none."""

    id: int
    sha: str
    environment: str
    task: str
    description: str
    creator: str
    created_at: datetime
    state: str = ""
    url: str = ""


class Deployments(msgspec.Struct, frozen=True):
    deployments: tuple[Deployment, ...]


class Status(msgspec.Struct, frozen=True):
    """Of a deployment or a commit. *was_there*: the last word was the same already, and nothing was said again."""

    id: int
    state: str
    description: str
    creator: str
    created_at: datetime
    was_there: bool = False


LIST = Operation("github.deployments.list", DeploymentsNamed, Deployments, needs="deployments: read")
CREATE = Operation("github.deployments.create", NewDeployment, Deployment, needs="deployments: write")
SET_STATUS = Operation("github.deployments.status", NewDeploymentStatus, Status, needs="deployments: write")
SET_COMMIT_STATUS = Operation("github.commits.status", NewCommitStatus, Status, needs="statuses: write")
