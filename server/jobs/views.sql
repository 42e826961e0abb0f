-- Named queries of views.py. They only read; what is alive they find by partial indexes, whatever the history.

-- name: get_job
-- $1 id
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error, error_class,
       agent_id, failures, crashes, expires_at, deadline_at, created_at, run_at, finished_at,
       case when queue = '' then
         (select min(step.started_at) from jobs as step where step.workflow_id = jobs.id) else started_at end as started_at
from jobs where id = $1;

-- name: list_jobs
-- Newest first. $1 state or null, $2 kind or null, $3 project or null, $4 id before which to go on or null, $5 limit
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error, error_class,
       agent_id, failures, crashes, expires_at, deadline_at, created_at, run_at, finished_at,
       case when queue = '' then
         (select min(step.started_at) from jobs as step where step.workflow_id = jobs.id) else started_at end as started_at
from jobs
where ($1::text is null or state = $1) and ($2::text is null or kind = $2) and ($3::text is null or project = $3)
  and ($4::uuid is null or id < $4)
order by id desc limit $5;

-- name: list_live_jobs
-- The same where $1 is not final: what has ended is not looked at, however much it is.
with live as (
  select id from jobs where turn is not null and $1 = 'queued'
  union all select id from jobs where held and $1 = 'queued'
  union all select id from jobs where state = 'queued' and turn is null and not held and $1 = 'queued'
  union all select id from jobs where agent_id is not null and $1 = 'running'
  union all select id from jobs where (state = 'waiting' or (state = 'running' and agent_id is null)) and $1 <> 'queued'
)
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error, error_class,
       agent_id, failures, crashes, expires_at, deadline_at, created_at, run_at, finished_at,
       case when queue = '' then
         (select min(step.started_at) from jobs as step where step.workflow_id = jobs.id) else started_at end as started_at
from jobs join live using (id)
where state = $1 and ($2::text is null or kind = $2) and ($3::text is null or project = $3)
  and ($4::uuid is null or id < $4)
order by id desc limit $5;

-- name: list_dead_jobs
-- The same where $1 is 'dead'.
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error, error_class,
       agent_id, failures, crashes, expires_at, deadline_at, created_at, run_at, finished_at,
       case when queue = '' then
         (select min(step.started_at) from jobs as step where step.workflow_id = jobs.id) else started_at end as started_at
from jobs
where state = 'dead' and $1::text = 'dead' and ($2::text is null or kind = $2) and ($3::text is null or project = $3)
  and ($4::uuid is null or id < $4)
order by id desc limit $5;

-- name: list_notable_jobs
-- What lives, then the newest $2 of what ended; without what typing asks for. $1 project or null.
with live as (
  select id from jobs where turn is not null
  union all select id from jobs where held
  union all select id from jobs where state = 'queued' and turn is null and not held
  union all select id from jobs where agent_id is not null
  union all select id from jobs where state = 'waiting' or (state = 'running' and agent_id is null)
), dead as (
  select id from jobs where state = 'dead' and ($1::text is null or project = $1)
  order by finished_at desc, id desc limit $2
), ended as (
  select id from unnest(array[1, 2]::smallint[]) as class (priority)
  cross join lateral (
    select id from jobs
    where jobs.priority = class.priority and finished_at is not null and state <> 'dead'
      and ($1::text is null or project = $1)
    order by finished_at desc limit $2
  ) as jobs
), over as (
  select id from jobs join (select * from dead union all select * from ended) as found using (id)
  order by finished_at desc limit $2
)
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error, error_class,
       agent_id, failures, crashes, expires_at, deadline_at, created_at, run_at, finished_at,
       case when queue = '' then
         (select min(step.started_at) from jobs as step where step.workflow_id = jobs.id) else started_at end as started_at
from jobs join (select * from live union select * from over) as notable using (id)
where ($1::text is null or project = $1) and (kind not in ('review', 'complete') or priority > 0)
order by finished_at desc nulls first, id desc;

-- name: get_result
-- What the job returned, while it counts as succeeded. A workflow whose end carries no result has its last step's.
-- $1 id
select state, case when state = 'succeeded' then coalesce(
  (select data from job_events
   where job_id = jobs.id and type in ('succeeded', 'result') and data is not null order by seq desc limit 1),
  (select data from job_events join jobs as steps on job_id = steps.id
   where steps.workflow_id = jobs.id and type in ('succeeded', 'result') and data is not null order by seq desc limit 1)
) end as result
from jobs where id = $1;

-- name: list_events
-- $1 job id
select seq, type, attempt, message, at, actor, agent_id, error_class from job_events where job_id = $1 order by seq;

-- name: count_live
-- By kind and state.
select kind, state, count(*)::int as jobs from (
  select kind, state from jobs where turn is not null
  union all select kind, state from jobs where held
  union all select kind, state from jobs where state = 'queued' and turn is null and not held
  union all select kind, state from jobs where agent_id is not null
  union all select kind, state from jobs where state = 'waiting' or (state = 'running' and agent_id is null)
  union all select kind, state from jobs where state = 'dead'
) as jobs group by kind, state;

-- name: count_ended
-- Of the newest that ended well or were cancelled, $1 of each priority.
select kind, state, count(*)::int as jobs
from unnest(array[0, 1, 2]::smallint[]) as class (priority)
cross join lateral (
  select kind, state from jobs
  where jobs.priority = class.priority and finished_at is not null and state <> 'dead'
  order by finished_at desc limit $1
) as jobs group by kind, state;

-- name: list_agents
-- Those that work, and those whose lease ran out without a farewell.
select id, name, role, queues, capacity, state, started_at, seen_at,
       extract(epoch from hive_now() - seen_at)::float8 as silent_seconds,
       (select count(*)::int from jobs where agent_id = agents.id) as running
from agents where ended_at is null order by role, name, started_at;

-- name: lines
-- What waits, by queue and priority. *depth* are in line, *held* wait for a limit, *delayed* for their time.
select queue, priority,
       count(*) filter (where turn is not null)::int as depth,
       count(*) filter (where held)::int as held,
       count(*) filter (where turn is null and not held)::int as delayed,
       coalesce(extract(epoch from hive_now() - min(run_at) filter (where turn is not null)), 0)::float8
         as oldest_seconds
from (
  select queue, priority, turn, held, run_at from jobs where turn is not null
  union all select queue, priority, turn, held, run_at from jobs where held
  union all select queue, priority, turn, held, run_at from jobs where state = 'queued' and turn is null and not held
) as waiting group by queue, priority order by queue, priority;

-- name: running
-- By queue.
select queue, count(*)::int as running from jobs where agent_id is not null group by queue;

-- name: held
-- What waits for a limit, by the limit.
select slot, count(*)::int as held from jobs where held group by slot;
