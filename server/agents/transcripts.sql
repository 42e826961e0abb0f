-- Named queries of transcripts.py.

-- name: keep
-- Once, however often it is told. The project is the job's own, whatever the agent says; a call of an attempt that never
-- was is nobody's.
-- $1 job, $2 attempt, $3 number, $4 what, $5 name, $6 seconds, $7 to $10 tokens, $11 cost, $12 error, $13 sealed
insert into model_calls (job_id, attempt, number, project, kind, what, name, seconds, input_tokens, output_tokens,
                         cache_read_tokens, cache_write_tokens, cost_microdollars, error, sealed)
select id, $2, $3, project, kind, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
from jobs where id = $1 and attempt >= $2
on conflict do nothing;

-- name: spent
-- By a job, by its project today, by all today, in microdollars; and who holds the attempt. No row when nobody does.
-- $1 job, $2 attempt
with asked as (
  select id, project, agent_id from jobs where id = $1 and attempt = $2 and state = 'running' and agent_id is not null
), today as (
  select project, cost_microdollars as cost from model_calls
  where what = 'model' and at >= date_trunc('day', hive_now(), 'UTC')
)
select agent_id, project,
       (select coalesce(sum(cost_microdollars), 0)::bigint from model_calls where job_id = asked.id) as job,
       (select coalesce(sum(cost), 0)::bigint from today where today.project = asked.project) as project_day,
       (select coalesce(sum(cost), 0)::bigint from today) as day
from asked;

-- name: list_calls
-- In order. $1 job
select attempt, number, what, name, at, seconds, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
       cost_microdollars, error, sealed is not null as is_kept
from model_calls where job_id = $1 order by attempt, number;

-- name: read_records
-- Sealed. $1 job, $2 attempt, or null for the last that has any
select attempt, number, sealed from model_calls
where job_id = $1 and sealed is not null
  and attempt = coalesce($2::int, (select max(attempt) from model_calls where job_id = $1 and sealed is not null))
order by number;

-- name: usage
-- Sums by day, project and model of the last days, the newest first. $1 days, $2 project or null, $3 limit
select (at at time zone 'UTC')::date as day, project, name as model, count(*)::bigint as calls,
       count(distinct job_id)::bigint as jobs,
       sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
       sum(cache_read_tokens)::bigint as cache_read_tokens, sum(cache_write_tokens)::bigint as cache_write_tokens,
       sum(cost_microdollars)::bigint as cost_microdollars
from model_calls
where what = 'model' and ($2::text is null or project = $2)
  and at >= date_trunc('day', hive_now(), 'UTC') - make_interval(days => $1 - 1)
group by 1, 2, 3 order by 1 desc, sum(cost_microdollars) desc, 2, 3 limit $3;

-- name: costs
-- What each of these jobs spent. $1 jobs
select job_id, sum(cost_microdollars)::bigint as cost_microdollars
from model_calls where job_id = any($1) and what = 'model' group by job_id;

-- name: forget_records
-- What was said so long ago. $1 seconds, $2 limit
update model_calls set sealed = null
where (job_id, attempt, number) in (
  select job_id, attempt, number from model_calls
  where sealed is not null and at < hive_now() - make_interval(secs => $1) limit $2
);

-- name: forget_calls
-- $1 seconds, $2 limit
delete from model_calls
where (job_id, attempt, number) in (
  select job_id, attempt, number from model_calls where at < hive_now() - make_interval(secs => $1) limit $2
);

-- name: read_job
-- What a replay needs: how it was asked for, and how it ended. $1 job
select kind, project, workflow_id, needs, error,
       (select data from job_events where job_id = jobs.id and type = 'accepted' order by seq limit 1) as accepted,
       (select data from job_events where job_id = jobs.id and type = 'succeeded' order by seq desc limit 1) as result
from jobs where id = $1;
