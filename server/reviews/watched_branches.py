"""Keep which branches are checked out in editors, and the open pull request of each as it was last read.

A projection: GitHub has the truth, a job reads it anew whenever something happened there (`open_pull_request.py`). Of
what nobody watches nothing is kept, and nothing is asked.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec

from server.db import Queries
from server.jobs.job import JobRequest
from server.reviews.open_pull_request import OpenPullRequest, ReadWish, read_request
from server.reviews.pull_request import PullRequestRef

_SQL = Queries.load("server.reviews", "watched_branches.sql")

KEPT_SECONDS = 30 * 86400.0


class WatchedBranches:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def watch(self, project: str, branch: str) -> OpenPullRequest | None:
        """From now on its pull request is kept. What is known of it, None when it was not read yet."""
        row = await self._pool.fetchrow(_SQL.watch_branch, project, branch)
        if row is None or row["document"] is None:
            return None
        known = msgspec.json.decode(row["document"], type=OpenPullRequest)
        return msgspec.structs.replace(known, reviewed_sha=row["reviewed_sha"])

    async def is_watched(self, project: str) -> bool:
        return bool(await self._pool.fetchval(_SQL.is_watched, project))

    async def forget(self) -> int:
        status: str = await self._pool.execute(_SQL.forget_branches, KEPT_SECONDS)
        return int(status.rpartition(" ")[2])


class _Result(msgspec.Struct):
    """What is needed of the result of a reading, or of an act."""

    pull_request: OpenPullRequest | None = None


async def keep_pull_request(connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
    """An `OnSucceeded` for `pull_request.read` and `pull_request.act`: what doors hear of it is what is kept."""
    told = msgspec.json.decode(result, type=_Result).pull_request
    if told is None:
        return result
    if told.project != job["project"]:
        raise ValueError(f"a job of {job['project']} tells of {told.project}")
    document = msgspec.json.encode(told).decode()
    reviewed_sha = await connection.fetchval(
        _SQL.keep_pull_request, told.project, told.branch, document, told.reviewed_sha
    )
    told = msgspec.structs.replace(told, reviewed_sha=reviewed_sha or "")
    return msgspec.json.encode({**msgspec.json.decode(result), "pull_request": told})


class _Published(msgspec.Struct):
    review_url: str = ""
    check_run_url: str = ""


class ReadAgain:
    """An `OnSucceeded` for `review.publish`: whoever watches the pull request sees what was posted."""

    def __init__(self, submit: Callable[[JobRequest], Awaitable[object]]) -> None:
        self._submit = submit

    async def __call__(self, connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
        ref = msgspec.json.decode(job["args"], type=PullRequestRef)
        if not await connection.fetchval(_SQL.is_watched, ref.project):
            return result
        published = msgspec.json.decode(result, type=_Published)
        reviewed = ref.head_sha if published.review_url or published.check_run_url else ""
        wish = ReadWish(
            ref.project, ref.repository, ref.number, reviewed_sha=reviewed, installation_id=ref.installation_id
        )
        await self._submit(read_request(wish, by="hub", at_once=True))
        return result
