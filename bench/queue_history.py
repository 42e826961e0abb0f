"""Fill a database with jobs that ended long ago, as a hub that has run for months has them: rows, requests, results."""

from server.db import connect

CHUNK = 50_000

_JOBS = """
insert into jobs (id, kind, project, queue, state, priority, attempt, max_attempts, requested_by,
                  created_at, run_at, started_at, finished_at)
select uuidv7(moment - now()), 'bench.old', 'github.com/bench/' || number % 4, 'review', 'succeeded', 1, 1, 5, 'bench',
       moment, moment, moment, moment + interval '1 second'
from generate_series($1::int, $2::int) as number,
     lateral (select now() - interval '1 day' - number * interval '1 s') as at (moment)
"""

_EVENTS = """
insert into job_events (job_id, type, attempt, at, kind, project, data)
select id, type, (type <> 'accepted')::int,
       case type when 'succeeded' then finished_at else created_at end, kind, project,
       case type when 'accepted' then convert_to(json_build_object(
         'id', id, 'kind', kind, 'project', project, 'queue', queue, 'args', repeat('x', 1000))::text, 'UTF8')
       when 'succeeded' then convert_to('{"place":1}', 'UTF8') end
from jobs cross join (values ('accepted'), ('started'), ('succeeded')) as happened (type)
where jobs.kind = 'bench.old'
"""


async def fill_history(database_url: str, jobs: int) -> None:
    """*jobs* that succeeded, one a second, the newest yesterday: none is old enough to leave."""
    async with connect(database_url) as connection:
        for first in range(0, jobs, CHUNK):
            await connection.execute(_JOBS, first, min(first + CHUNK, jobs) - 1, timeout=None)
        await connection.execute(_EVENTS, timeout=None)
        await connection.execute("vacuum (analyze) jobs, job_events", timeout=None)
