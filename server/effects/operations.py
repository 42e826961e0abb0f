"""Carry out what was asked of GitHub through a door of ours: `server.github.operations` says what there is.

Each operation is a function of what it works with and what was asked; its value is the job's result.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec

from server.effects import analytics, deployments, protection
from server.effects.api import GitHubRefused
from server.effects.app import GitHubApp
from server.effects.chores.wanted import merge_wanted
from server.effects.desk import Desk
from server.effects.ledger import Ledger
from server.github.analytics import ANALYZE
from server.github.deployments import CREATE, LIST, SET_COMMIT_STATUS, SET_STATUS
from server.github.merging import MERGE
from server.github.operation import Asked, Operation
from server.github.protection import SHOW
from server.github.protection_plan import APPLY, PLAN
from server.hubs.locks import Locks
from server.jobs.job import GiveUp
from server.jobs.worker import Handler, Work

Act = Callable[[Desk, Any], Awaitable[Any]]
"""Takes the desk and the wish."""

ACTS: dict[Operation[Any, Any], Act] = {
    SHOW: protection.show,
    PLAN: protection.plan,
    APPLY: protection.apply,
    LIST: deployments.list_deployments,
    CREATE: deployments.create_deployment,
    SET_STATUS: deployments.set_status,
    SET_COMMIT_STATUS: deployments.set_commit_status,
    ANALYZE: analytics.analyze,
    MERGE: merge_wanted,
}


def operation_handlers(app: GitHubApp, ledger: Ledger, locks: Locks, pool: asyncpg.Pool | None) -> dict[str, Handler]:
    desk = partial(Desk, app, ledger, locks, pool)
    return {operation.kind: _handler(operation, act, desk) for operation, act in ACTS.items()}


def _handler(operation: Operation[Any, Any], act: Act, desk: Callable[[str, Work], Desk]) -> Handler:
    type_ = Asked[operation.wish]  # type: ignore[name-defined]  # a type made at run time

    async def handle(work: Work) -> object:
        asked: Asked[Any] = msgspec.json.decode(work.args, type=type_)
        try:
            return await act(desk(asked.repository, work), asked.wish)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            raise GiveUp(
                f"GitHub does not allow it: the App needs {operation.needs} on {asked.repository}; grant it on the "
                f"App's settings page, accept it where the App is installed, then ask again ({refused})"
            ) from refused

    return handle
