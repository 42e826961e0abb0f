-- Named queries of failures.py. They only read.

-- name: list_dead
-- Dead jobs, the newest first, with how they died.
-- $1 kind, $2 project, $3 queue, $4 error class, $5 agent, $6 cause, $7 since, $8 until, $9 id (each null for any), $10 and
-- $11 when the one before died and its id, or nulls, $12 limit
select jobs.id, kind, project, queue, priority, attempt, failures, crashes, error, jobs.error_class, died.cause,
       died.agent_id, workflow_id, step, requested_by, created_at, finished_at as died_at
from jobs left join lateral (
  select agent_id, convert_from(data, 'UTF8')::json ->> 'cause' as cause from job_events
  where job_id = jobs.id and type = 'dead' order by seq desc limit 1
) as died on true
where state = 'dead'
  and ($1::text is null or kind = $1) and ($2::text is null or project = $2) and ($3::text is null or queue = $3)
  and ($4::text is null or jobs.error_class = $4)
  and ($5::uuid is null or died.agent_id = $5) and ($6::text is null or died.cause = $6)
  and ($7::timestamptz is null or finished_at >= $7) and ($8::timestamptz is null or finished_at < $8)
  and ($9::uuid is null or jobs.id = $9)
  and ($10::timestamptz is null or (finished_at, jobs.id) < ($10, $11::uuid))
order by finished_at desc, jobs.id desc limit $12;

-- name: count_dead
-- As list_dead, without its last three places.
select count(*)::int
from jobs left join lateral (
  select agent_id, convert_from(data, 'UTF8')::json ->> 'cause' as cause from job_events
  where job_id = jobs.id and type = 'dead' order by seq desc limit 1
) as died on $5::uuid is not null or $6::text is not null
where state = 'dead'
  and ($1::text is null or kind = $1) and ($2::text is null or project = $2) and ($3::text is null or queue = $3)
  and ($4::text is null or jobs.error_class = $4)
  and ($5::uuid is null or died.agent_id = $5) and ($6::text is null or died.cause = $6)
  and ($7::timestamptz is null or finished_at >= $7) and ($8::timestamptz is null or finished_at < $8)
  and ($9::uuid is null or jobs.id = $9);

-- name: failures_over_time
-- Failures by what they have in common and by the hour or day; what is not among the most frequent is null. Of jobs that
-- have left the table only the hour is known.
-- $1 since, $2 until, $3 hour or day, $4 kind, error, agent or project, $5 kind or null, $6 project or null, $7 how many
with failed as (
  select at, type, kind, project, error_class, agent_id, 1 as failures from job_events
  where type in ('retry', 'crashed', 'lost', 'dead') and at >= $1 and at < $2
  union all
  select began_at, type, kind, project, error_class, agent_id, failures from past_failures
  where began_at >= date_trunc('hour', $1, 'UTC') and began_at < $2
), counted as (
  select case $4::text when 'kind' then kind when 'error' then coalesce(error_class, '') when 'project' then project
              else coalesce(agent_id::text, '') end as what,
         date_trunc($3, at, 'UTC') as began_at, type, sum(failures)::int as failures
  from failed
  where ($5::text is null or kind = $5) and ($6::text is null or project = $6)
  group by 1, 2, 3
), frequent as (
  select what from counted group by what order by sum(failures) desc, what limit $7
)
select frequent.what, began_at, type, sum(failures)::int as failures
from counted left join frequent using (what)
group by 1, 2, 3 order by 2, 1, 3;

-- name: names_of_agents
-- $1 ids
select id, name from agents where id = any($1::uuid[]);

-- name: recent_failures
-- The newest. $1 limit
select job_id, type, attempt, kind, project, message, error_class, agent_id, at from job_events
where type in ('retry', 'crashed', 'lost', 'dead') order by at desc limit $1;
