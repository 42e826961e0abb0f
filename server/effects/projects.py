"""Let what is kept of a project follow its repository: to another name, or out of sight.

Asks GitHub nothing. Jobs, events and deliveries are history, and keep the name under which they were.
"""

import asyncpg
import msgspec

from server.db import Queries
from server.memory.pieces import project_word
from server.memory.terms import place
from server.reviews.moves import ProjectLeft, ProjectMoved

_SQL = Queries.load("server.effects", "projects.sql")

_FORGOTTEN = (_SQL.forget_branches, _SQL.forget_dependencies, _SQL.forget_histories, _SQL.forget_times)
"""Of the old name: all of it is read again."""


class Followed(msgspec.Struct, frozen=True):
    """The result: how many findings and contexts followed."""

    findings: int = 0
    contexts: int = 0


async def move_project(pool: asyncpg.Pool, moved: ProjectMoved) -> Followed:
    """Where both names know something, a person's dismissal counts, else what is newer. Twice is as good as once."""
    names = (moved.old, moved.new)
    repositories = (moved.old_repository, moved.new_repository)
    words = (place(project_word(moved.old)), place(project_word(moved.new)))
    async with pool.acquire() as connection, connection.transaction():
        findings = await connection.fetchval(_SQL.count_findings_of, moved.old)
        await connection.execute(_SQL.copy_decisions, *names)
        await connection.execute(_SQL.move_findings, *names)
        await connection.execute(_SQL.move_places, *names, *repositories)
        await connection.execute(_SQL.move_feedback, *names, *repositories)
        await connection.execute(_SQL.leave_old_findings, moved.old)
        await connection.execute(_SQL.move_wishes, *names, moved.new_repository)
        for statement in (_SQL.move_pauses, _SQL.move_dependencies, _SQL.move_branches):
            await connection.execute(statement, *names)
        await connection.execute(_SQL.drop_contexts_known_anew, *names)
        contexts = await connection.fetchval(_SQL.move_contexts, *names, *words)
        await connection.execute(_SQL.move_files, *names)
        for statement in _FORGOTTEN:
            await connection.execute(statement, moved.old)
    return Followed(findings, contexts)


async def leave_project(pool: asyncpg.Pool, left: ProjectLeft) -> Followed:
    """Its pull requests are out of sight, so nothing is present there. What people decided stays.

    The code of a repository that was deleted is not remembered any longer.
    """
    async with pool.acquire() as connection, connection.transaction():
        findings = await connection.fetchval(_SQL.leave_pull_requests, left.project, f"pull_request:{left.repository}#")
        await connection.execute(_SQL.settle_findings, left.project)
        for statement in (_SQL.forget_pauses, _SQL.forget_wishes, *_FORGOTTEN):
            await connection.execute(statement, left.project)
        contexts = 0
        if left.is_deleted:
            contexts = await connection.fetchval(_SQL.forget_contexts, left.project)
            await connection.execute(_SQL.forget_files_of, left.project)
    return Followed(findings, contexts)
