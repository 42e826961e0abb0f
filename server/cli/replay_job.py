"""`hive jobs replay`: do a job that asked a model again, with what was said then."""

import asyncio
import os
from uuid import UUID

import click

from server.agents.budget import Limits
from server.agents.replaying import Replayed, replay
from server.agents.transcripts import Transcripts
from server.cli.output import plain, print_json
from server.config import Settings
from server.db import open_pool
from server.embedded import borrow_database
from server.security.at_rest import AtRest


def replay_job(job_id: UUID, *, is_json: bool) -> bool:
    """Shows how it went; answers whether all was the same."""
    replayed = asyncio.run(_replay(Settings.load(os.environ), job_id))
    if is_json:
        print_json(replayed)
    else:
        verdict = "differs" if replayed.differences else "the same"
        click.echo(f"{replayed.kind} {replayed.job_id}, attempt {replayed.attempt}, {replayed.calls} calls: {verdict}")
        for line in replayed.differences:
            click.echo(f"  {plain(line)}")
    return not replayed.differences


async def _replay(settings: Settings, job_id: UUID) -> Replayed:
    async with borrow_database(settings) as url:
        pool = await open_pool(url, max_size=2, read_only=True)
        try:
            seal = AtRest.in_directory(settings.keys)
            return await replay(pool, Transcripts(pool, pool, seal, Limits(0, 0, 0)), job_id)
        finally:
            await pool.close()
