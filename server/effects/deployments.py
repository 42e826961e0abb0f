"""Make deployments, and say how they and commits stand: each once, however often an attempt is made.

A deployment carries the id of its job. A status has no place for one: so what was said before the job is kept, and
whatever equal word of ours came after it is the job's.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from server.effects.api import read_answer
from server.effects.desk import Desk
from server.effects.existing import existing
from server.effects.github import REPOSITORY, GitHub
from server.github.deployments import (
    Deployment,
    Deployments,
    DeploymentsNamed,
    NewCommitStatus,
    NewDeployment,
    NewDeploymentStatus,
    Status,
)

MARK = "agent_hive_job"
"""The field of a deployment's payload that names our job."""

DEPLOYMENTS = f"{REPOSITORY}/deployments"
STATUSES = f"{DEPLOYMENTS}/{{id}}/statuses"


class DeploymentsApi(GitHub):
    async def deployments(self, **query: str) -> AsyncIterator["_Deployment"]:
        """The newest first."""
        async for answer in self._pages(DEPLOYMENTS, {name: value for name, value in query.items() if value}):
            yield read_answer(answer, _Deployment)

    async def create(self, body: dict[str, Any]) -> "_Deployment":
        return read_answer(await self._send("POST", DEPLOYMENTS, body), _Deployment)

    async def statuses(self, deployment: int, size: str = "100") -> AsyncIterator["_Status"]:
        """The newest first."""
        async for answer in self._pages(STATUSES, {"per_page": size}, id=str(deployment)):
            yield read_answer(answer, _Status)

    async def set_status(self, deployment: int, body: dict[str, Any]) -> "_Status":
        return read_answer(await self._send("POST", STATUSES, body, id=str(deployment)), _Status)

    async def commit_statuses(self, sha: str, context: str) -> AsyncIterator["_Status"]:
        """Of that name, the newest first."""
        async for answer in self._pages(f"{REPOSITORY}/commits/{{sha}}/statuses", sha=sha):
            status = read_answer(answer, _Status)
            if status.context.lower() == context.lower():
                yield status

    async def set_commit_status(self, sha: str, body: dict[str, Any]) -> "_Status":
        return read_answer(await self._send("POST", f"{REPOSITORY}/statuses/{{sha}}", body, sha=sha), _Status)

    async def require_commit(self, sha: str) -> None:
        """GitHub has no word of its own for a commit that is not there: it takes that for a bad request."""
        await existing(self._get(f"{REPOSITORY}/git/commits/{{sha}}", sha=sha), f"commit {sha}")

    async def require_deployment(self, id_: int) -> None:
        await existing(self._get(f"{DEPLOYMENTS}/{{id}}", id=str(id_)), f"deployment {id_}")


async def list_deployments(desk: Desk, wish: DeploymentsNamed) -> Deployments:
    github, found = await desk.github(DeploymentsApi), []
    async for deployment in github.deployments(environment=wish.environment, sha=wish.sha):
        found.append(deployment.shown(await _newest_state(github, deployment.id)))
        if len(found) == wish.limit:
            break
    return Deployments(tuple(found))


async def create_deployment(desk: Desk, wish: NewDeployment) -> Deployment:
    github, job = await desk.github(DeploymentsApi), str(desk.work.job_id)
    await github.require_commit(wish.sha)

    async def find() -> Deployment | None:
        async for deployment in github.deployments(sha=wish.sha, environment=wish.environment, task=wish.task):
            if deployment.job == job:
                return deployment.shown()
        return None

    async def act() -> Deployment:
        return (await github.create(_body(wish, job))).shown()

    return await desk.ledger.once(f"deployment {job}", Deployment, job_id=desk.work.job_id, find=find, act=act)


async def set_status(desk: Desk, wish: NewDeploymentStatus) -> Status:
    github = await desk.github(DeploymentsApi)
    await github.require_deployment(wish.deployment)
    said = _Said(wish.state, wish.description, wish.log_url)
    body = {
        "state": wish.state,
        "description": wish.description,
        "log_url": wish.log_url,
        "environment_url": wish.environment_url,
    }
    return await _say(
        desk, said, lambda: github.statuses(wish.deployment), lambda: github.set_status(wish.deployment, body)
    )


async def set_commit_status(desk: Desk, wish: NewCommitStatus) -> Status:
    github = await desk.github(DeploymentsApi)
    await github.require_commit(wish.sha)
    said = _Said(wish.state, wish.description, wish.target_url)
    body = {"state": wish.state, "context": wish.context, "description": wish.description}
    body |= {"target_url": wish.target_url} if wish.target_url else {}
    return await _say(
        desk,
        said,
        lambda: github.commit_statuses(wish.sha, wish.context),
        lambda: github.set_commit_status(wish.sha, body),
    )


class _Said(msgspec.Struct, frozen=True):
    """What a status says."""

    state: str
    description: str
    url: str


class _Before(msgspec.Struct, frozen=True):
    """The newest status before the job. *same*: it said the same, and was ours."""

    id: int = 0
    same: Status | None = None


async def _say(
    desk: Desk,
    said: _Said,
    statuses: Callable[[], AsyncIterator["_Status"]],
    post: Callable[[], Awaitable["_Status"]],
) -> Status:
    job_id, login = desk.work.job_id, await desk.app.login()

    async def newest() -> _Before:
        async for status in statuses():
            return _Before(status.id, status.shown() if status.says(said, login) else None)
        return _Before()

    before = await desk.ledger.once(f"status before {job_id}", _Before, job_id=job_id, find=_nothing, act=newest)
    if before.same is not None:
        return msgspec.structs.replace(before.same, was_there=True)

    async def find() -> Status | None:
        async for status in statuses():
            if status.id <= before.id:
                break
            if status.says(said, login):
                return status.shown()
        return None

    async def act() -> Status:
        return (await post()).shown()

    return await desk.ledger.once(f"status {job_id}", Status, job_id=job_id, find=find, act=act)


async def _nothing() -> None:
    """A look leaves nothing outside."""


async def _newest_state(github: DeploymentsApi, deployment: int) -> str:
    async for status in github.statuses(deployment, "1"):
        return status.state
    return ""


def _body(wish: NewDeployment, job: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ref": wish.sha,
        "task": wish.task,
        "environment": wish.environment,
        "description": wish.description,
        "auto_merge": False,  # what is deployed is the commit that was named
        "transient_environment": wish.is_transient,
        "payload": {MARK: job},
    }
    if wish.required_checks is not None:
        body["required_contexts"] = list(wish.required_checks)
    if wish.is_production is not None:
        body["production_environment"] = wish.is_production
    return body


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str


class _Deployment(msgspec.Struct):
    id: int
    sha: str
    environment: str
    task: str
    created_at: datetime
    description: str | None = None
    payload: dict[str, Any] | str | None = None
    creator: _User | None = None
    url: str = ""

    @property
    def job(self) -> str:
        """ "" where it is none of ours. GitHub gives a payload back as it got it, or as text."""
        payload = self.payload
        if isinstance(payload, str):
            try:
                payload = msgspec.json.decode(payload, type=dict[str, Any])
            except msgspec.DecodeError:
                payload = None
        return str((payload or {}).get(MARK, ""))

    def shown(self, state: str = "") -> Deployment:
        creator = self.creator.login if self.creator else ""
        return Deployment(
            self.id,
            self.sha,
            self.environment,
            self.task,
            self.description or "",
            creator,
            self.created_at,
            state,
            self.url,
        )


class _Status(msgspec.Struct):
    id: int
    state: str
    created_at: datetime
    description: str | None = None
    context: str = ""
    target_url: str | None = None
    creator: _User | None = None

    def says(self, said: _Said, login: str) -> bool:
        ours = self.creator is not None and self.creator.login == login
        return ours and said == _Said(self.state, self.description or "", self.target_url or "")

    def shown(self) -> Status:
        creator = self.creator.login if self.creator else ""
        return Status(self.id, self.state, self.description or "", creator, self.created_at)
