"""A repository on GitHub's stand-in, and a real hub that is the App installed there."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from server.reviews.publish import finding_fingerprints
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.signing import SignedDelivery
from tests.github.standin import GitHubStandIn, Interruption
from tests.hub import HubProcess, hub_process

Json = dict[str, Any]

PATIENCE_SECONDS = 60.0
"""A step of a scene takes no longer, also on a machine that does much else."""

PROJECT = "github.com/octo/demo"

CODE = """\
import subprocess


def remember(price, seen=[]):
    seen.append(price)
    return seen


def answer(question):
    return eval(question)


def run(command):
    return subprocess.run(command, shell=True)
"""
RULES = {4: "hive.mutable-default", 10: "hive.code-from-text", 14: "hive.shell-command"}
"""What is to be found in it, by line."""


@dataclass
class Scene:
    """*project*'s branch `feature` is the head of every pull request, `main` the base."""

    hub: HubProcess
    github: GitHubStandIn
    project: GitProject
    repository: Repository

    async def open_pull_request(self, files: dict[str, str]) -> SignedDelivery:
        """Push *files* to the branch and open a pull request from it: GitHub's delivery, not yet sent."""
        self.project.branch("feature")
        self.project.commit(dict(files))
        return self.github.signed_delivery(
            "pull_request", await self.github.open_pull_request(self.repository, head="feature")
        )

    async def push(self, files: dict[str, str], number: int = 1) -> SignedDelivery:
        self.project.commit(dict(files))
        return self.github.signed_delivery("pull_request", await self.github.push(self.repository, number))

    async def deliver(self, delivery: SignedDelivery) -> str:
        """The id of the job that the hub answers with."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.hub.url}/webhooks/github", data=delivery.body, headers=delivery.headers) as answer,
        ):
            assert answer.status == 202, await answer.text()
            return str((await answer.json())["job"])

    async def reviewed(self, delivery: SignedDelivery) -> None:
        """Deliver it and wait until its review has succeeded."""
        job = await self.ended(await self.deliver(delivery))
        assert job["state"] == "succeeded", job

    async def ended(self, job_id: str) -> Json:
        """The job once it has ended."""
        status, job = await self.hub.call("GET", f"/api/v1/jobs/{job_id}?wait={PATIENCE_SECONDS}")
        assert status == 200, job
        return dict(job)

    async def taken_in(self) -> None:
        """Wait until what was delivered so far is in Postgres: all goes through one stream, in order."""
        status, marker = await self.hub.call("POST", "/api/v1/reviews", {"project": "local/marker", "files": []})
        assert status == 202, marker
        await self.ended(marker["job"])

    async def step(self, workflow_id: str, name: str) -> Json:
        """A step's job, as it is now."""
        _, page = await self.hub.call("GET", f"/api/v1/jobs?project={PROJECT}&limit=200")
        return next(job for job in page["jobs"] if (job["workflow_id"], job["step"]) == (workflow_id, name))

    async def started(self, kind: str) -> Json:
        """The event that tells that a job of *kind* was handed out; waits for the first one."""
        async with self._stream(f"/api/v1/events?kind={kind}&type=started&after=0") as events:
            return await anext(events)

    def events(self, job_id: str) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        """What happens to the job from now on."""
        return self._stream(f"/api/v1/jobs/{job_id}/events")

    @asynccontextmanager
    async def _stream(self, path: str) -> AsyncIterator[AsyncIterator[Json]]:
        headers = {"Authorization": f"Bearer {self.hub.token}", "Accept": "text/event-stream"}
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.get(f"{self.hub.url}{path}") as stream,
        ):
            assert stream.status == 200
            yield _read_events(stream)

    def interrupt(self, operation: str, *, after: bool = False) -> Interruption:
        """Hold the next call of GitHub's *operation*, before or *after* it took effect, until `release()`."""
        return self.github.interrupt(Interruption(operation, after=after, hold=True))

    def reviews(self, number: int = 1) -> list[Json]:
        return self.github.reviews(self.repository, number)

    def comments(self, number: int = 1) -> list[Json]:
        """On lines of the pull request, whoever wrote them."""
        return self.github.comments(self.repository, number)

    def check_run(self, head_sha: str) -> Json:
        """The only one of that commit."""
        (run,) = self.github.check_runs(self.repository, head_sha)
        return run

    @property
    def head_sha(self) -> str:
        return self.project.git("rev-parse", "feature")


@asynccontextmanager
async def a_scene(data_dir: Path, checkout: Path, env: Mapping[str, str] | None = None) -> AsyncIterator[Scene]:
    """Everything runs. On leaving, GitHub was asked nothing that it would not understand. *env*: more of the hub's."""
    project = GitProject(checkout)
    project.git("remote", "add", "origin", f"https://{PROJECT}.git")
    project.commit({"README.md": "A demo.\n"})
    async with GitHubStandIn() as github:
        repository = await github.create_repository(project.directory, "octo/demo")
        async with hub_process(data_dir, app_settings(github) | dict(env or {})) as hub:
            yield Scene(hub, github, project, repository)
        assert github.violations == []


def app_settings(github: GitHubStandIn) -> dict[str, str]:
    """What makes a hub the App."""
    return {
        "GITHUB_API_URL": github.url,
        "GITHUB_APP_ID": str(github.app_id),
        "GITHUB_PRIVATE_KEY": github.private_key_pem,
        "GITHUB_WEBHOOK_SECRET": github.webhook_secret,
    }


async def reached(interruption: Interruption) -> None:
    await asyncio.wait_for(interruption.reached.wait(), PATIENCE_SECONDS)


def said(review: Json) -> set[str]:
    """The fingerprints that a review speaks of, in its body and in its comments."""
    return set(finding_fingerprints(review["body"])).union(
        *(finding_fingerprints(comment["body"]) for comment in review["comments"])
    )


async def _read_events(stream: aiohttp.ClientResponse) -> AsyncIterator[Json]:
    name = b""
    async for line in stream.content:
        if line.startswith(b"event: "):
            name = line.removeprefix(b"event: ").strip()
        elif line.startswith(b"data: ") and name == b"event":
            yield json.loads(line.removeprefix(b"data: "))
