"""The results of steps, as later steps get them: one job's as it is, a fan-out's as a list.

Only reads.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.db import Connection, Queries
from server.jobs.job import NULL
from server.jobs.step_job import StepJob
from server.jobs.workflow import Workflow

Results: TypeAlias = Mapping[tuple[UUID, str], msgspec.Raw]
"""By workflow, and by need as in `StepJob`."""


def need_of(workflow: Workflow, step: str) -> str:
    """The result of a step, as `StepJob` names it."""
    job = StepJob(step, workflow.steps[step].round)
    return job.name if workflow.definition.step(step).for_each is None else job.as_list


async def read_results(connection: "Connection | Pool", sql: Queries, asked: Iterable[tuple[UUID, str]]) -> Results:
    """What is asked for by workflow and need; of a fan-out the list, in the order of its items."""
    wanted = dict.fromkeys(asked)
    if not wanted:
        return {}
    rows = await connection.fetch(sql.step_results, *map(list, zip(*wanted, strict=True)))
    found: dict[tuple[UUID, str], list[tuple[int, bytes]]] = {key: [] for key in wanted}
    for row in rows:
        item = StepJob.parse(row["step"]).item
        found[row["workflow_id"], row["asked"]].append((item or 0, row["result"] or NULL))
    results: dict[tuple[UUID, str], msgspec.Raw] = {}
    for key, values in found.items():
        if key[1].endswith("[]"):
            ordered = [value for _, value in sorted(values, key=lambda value: value[0])]
            results[key] = msgspec.Raw(b"[" + b",".join(ordered) + b"]")
        elif values:
            results[key] = msgspec.Raw(values[0][1])
    return results
