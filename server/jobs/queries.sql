-- Named queries of store.py. Time is hive_now(): the database's clock, which tests move.

-- name: insert_jobs
-- Record new jobs; one whose id is known or whose key is live is left out of the answer.
-- $1 ids, $2 kinds, $3 projects, $4 queues, $5 states, $6 priorities, $7 max attempts, $8 keys, $9 groups, $10 who asked,
-- $11 workflow ids, $12 steps, $13 needs (comma-joined), $14 args
insert into jobs (id, kind, project, queue, state, priority, max_attempts, key, concurrency_group, requested_by,
                  workflow_id, step, needs, args, started_at, finished_at)
select id, kind, project, queue, state, priority, max_attempts, key, concurrency_group, requested_by,
       workflow_id, step, coalesce(string_to_array(needs, ','), '{}'), args,
       case when state = 'running' then hive_now() end,
       case when state = 'cancelled' then hive_now() end
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::int[], $8::text[], $9::text[],
            $10::text[], $11::uuid[], $12::text[], $13::text[], $14::bytea[])
  as new (id, kind, project, queue, state, priority, max_attempts, key, concurrency_group, requested_by,
          workflow_id, step, needs, args)
on conflict do nothing
returning id;

-- name: cancel_groups
-- A newer job of a concurrency group cancels the older live ones, and the steps of those that are workflows.
-- $1 groups, $2 ids of the newer jobs
with older as (
  select id from jobs
  where concurrency_group = any($1::text[]) and state in ('waiting', 'queued', 'running') and id <> all($2::uuid[])
)
update jobs set state = 'cancelled', finished_at = hive_now(), leased_until = null, error = 'superseded by a newer request'
where state in ('waiting', 'queued', 'running') and (id in (select id from older) or workflow_id in (select id from older))
returning id, kind, project, queue, attempt;

-- name: cancel_job
-- $1 id, $2 reason. A workflow takes its steps along.
update jobs set state = 'cancelled', finished_at = hive_now(), leased_until = null, error = $2
where state in ('waiting', 'queued', 'running') and (id = $1 or workflow_id = $1)
returning id, kind, project, queue, attempt;

-- name: how_jobs_stand
-- $1 ids
select id, kind, project, attempt, state, error, result from jobs where id = any($1::uuid[]);

-- name: claim_jobs
-- Lease the most urgent queued jobs, as many as the queue's live agents have room for.
-- SKIP LOCKED: hubs never wait for each other.
-- $1 queue, $2 lease seconds, $3 seconds after which a silent agent has no room
with room as (
  select greatest(0,
    coalesce((select sum(capacity) from agents
              where queue = $1 and seen_at > hive_now() - make_interval(secs => $3)), 0)
    - (select count(*) from jobs where queue = $1 and state = 'running')) as free
), picked as (
  select id from jobs where queue = $1 and state = 'queued' and run_at <= hive_now()
  order by priority, run_at, id
  limit (select free from room)
  for update skip locked
)
update jobs
set state = 'running', attempt = attempt + 1, agent_id = null, started_at = hive_now(),
    leased_until = hive_now() + make_interval(secs => $2)
from picked where jobs.id = picked.id
returning jobs.id, kind, project, priority, attempt, args, workflow_id, needs;

-- name: step_results
-- $1 workflow id, $2 step names
select step, result from jobs where workflow_id = $1 and step = any($2::text[]) and state = 'succeeded';

-- name: fence_outcomes
-- Of the attempts reported, those that are still the current ones; locked until the outcome is written.
-- $1 ids, $2 attempts
select jobs.id, kind, project, jobs.attempt, priority, workflow_id, step, args
from jobs join unnest($1::uuid[], $2::int[]) as told (id, attempt) on jobs.id = told.id and jobs.attempt = told.attempt
where state = 'running' and queue <> ''
order by jobs.id
for update of jobs;

-- name: finish_jobs
-- Write how attempts ended. A failure waits 2^failures seconds (at most 300), with jitter; the last one is dead.
-- $1 ids, $2 outcomes (succeeded, failed, snoozed, gave_up), $3 results, $4 errors, $5 snooze seconds
update jobs
set state = case
      when outcome = 'succeeded' then 'succeeded'
      when outcome = 'gave_up' or (outcome = 'failed' and failures + 1 >= max_attempts) then 'dead'
      else 'queued' end,
    failures = failures + (outcome = 'failed')::int,
    result = told.result,
    error = told.error,
    leased_until = null,
    agent_id = null,
    run_at = case outcome
      when 'failed' then hive_now() + make_interval(secs => least(300, power(2, failures)) * (0.5 + random() / 2))
      when 'snoozed' then hive_now() + make_interval(secs => told.snooze)
      else run_at end,
    finished_at = case
      when outcome in ('succeeded', 'gave_up') or (outcome = 'failed' and failures + 1 >= max_attempts) then hive_now() end
from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::float8[]) as told (id, outcome, result, error, snooze)
where jobs.id = told.id
returning jobs.id, kind, project, attempt, state, jobs.error, workflow_id, step;

-- name: lock_workflows
-- Hubs that finish steps of one workflow at the same time take turns. $1 workflow ids
select id from jobs where id = any($1::uuid[]) order by id for update;

-- name: release_steps
-- Steps whose needs have all succeeded may run. $1 workflow ids
update jobs as waiting set state = 'queued', run_at = hive_now()
where workflow_id = any($1::uuid[]) and state = 'waiting' and not exists (
  select from jobs as needed
  where needed.workflow_id = waiting.workflow_id and needed.step = any(waiting.needs) and needed.state <> 'succeeded')
returning id, kind, project, queue, attempt;

-- name: end_workflows
-- A workflow succeeds with its last step's result when all steps have; it is dead as soon as one step is.
-- $1 workflow ids
update jobs as workflow
set state = ended.state, finished_at = hive_now(), error = ended.error, result = ended.result
from (
  select workflow_id,
         case when bool_or(state = 'dead') then 'dead' else 'succeeded' end as state,
         min(step || ': ' || error) filter (where state = 'dead') as error,
         (array_agg(result order by finished_at desc) filter (where state = 'succeeded'))[1] as result
  from jobs where workflow_id = any($1::uuid[])
  group by workflow_id
  having bool_or(state = 'dead') or bool_and(state = 'succeeded')
) as ended
where workflow.id = ended.workflow_id and workflow.state = 'running'
returning workflow.id, kind, project, attempt, workflow.state, workflow.error;

-- name: cancel_steps_of_dead
-- $1 ids of workflows that are dead
update jobs set state = 'cancelled', finished_at = hive_now(), leased_until = null, error = 'an earlier step is dead'
where workflow_id = any($1::uuid[]) and state in ('waiting', 'queued', 'running')
returning id, kind, project, attempt;

-- name: beat
-- An agent is alive, and holds these attempts: their leases run on. Returns the ids that are no longer its to run.
-- $1 agent id, $2 queue, $3 capacity, $4 ids, $5 attempts, $6 lease seconds
with alive as (
  insert into agents (id, queue, capacity) values ($1, $2, $3)
  on conflict (id) do update set seen_at = hive_now(), capacity = excluded.capacity
), held as (
  update jobs set leased_until = hive_now() + make_interval(secs => $6), agent_id = $1
  from unnest($4::uuid[], $5::int[]) as told (id, attempt)
  where jobs.id = told.id and jobs.attempt = told.attempt and state = 'running'
  returning jobs.id
)
select told.id from unnest($4::uuid[]) as told (id) where told.id not in (select id from held);

-- name: forget_agent
-- An agent said good-bye or is known to be dead: it has no room, and what it held goes back at once. $1 agent id
delete from agents where id = $1;

-- name: rescue_jobs
-- Give back jobs whose lease ran out. A job that was lost with its agent three times is poison: dead.
-- $1 ids of agents known to be dead (their leases count as run out)
with lost as (
  select id, agent_id from jobs
  where state = 'running' and queue <> '' and (leased_until < hive_now() or agent_id = any($1::uuid[]))
  order by id limit 500 for update skip locked
)
update jobs
set state = case when crashes + (lost.agent_id is not null)::int >= 3 then 'dead' else 'queued' end,
    crashes = crashes + (lost.agent_id is not null)::int,
    error = case when lost.agent_id is not null then 'the agent vanished while it held the job'
                 else 'handed out, but no agent took it' end,
    leased_until = null, agent_id = null, run_at = hive_now(),
    finished_at = case when crashes + (lost.agent_id is not null)::int >= 3 then hive_now() end
from lost where jobs.id = lost.id
returning jobs.id, kind, project, queue, attempt, state, error, workflow_id;

-- name: forget_silent_agents
-- $1 seconds of silence
delete from agents where seen_at < hive_now() - make_interval(secs => $1);

-- name: retry_dead
-- A person gives a dead job another full set of attempts; its workflow goes on. $1 ids
with again as (
  update jobs set state = 'queued', failures = 0, crashes = 0, error = null, finished_at = null, run_at = hive_now()
  where id = any($1::uuid[]) and state = 'dead' and queue <> ''
  returning id, kind, project, queue, attempt, workflow_id
), parents as (
  update jobs set state = 'running', error = null, finished_at = null
  where id in (select workflow_id from again) and state = 'dead'
), siblings as (
  update jobs set state = 'waiting', error = null, finished_at = null
  where workflow_id in (select workflow_id from again) and state = 'cancelled' and cardinality(needs) > 0
)
select id, kind, project, queue, attempt from again;

-- name: discard_dead
-- $1 ids, $2 who did it
update jobs set state = 'cancelled', error = coalesce(error, '') || ' (discarded by ' || $2 || ')'
where id = any($1::uuid[]) and state = 'dead'
returning id, kind, project, attempt;

-- name: append_events
-- $1 job ids, $2 types, $3 attempts, $4 messages
insert into job_events (job_id, type, attempt, message)
select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[]);

-- name: delete_finished
-- Finished jobs leave the hot table: interactive ones after $1 seconds, the others after $2; steps go with their workflow.
with old as (
  select id from jobs
  where finished_at is not null and workflow_id is null and state <> 'dead'
    and finished_at < hive_now() - make_interval(secs => case when priority = 0 then $1::float8 else $2::float8 end)
  order by finished_at limit 5000 for update skip locked
), gone as (
  delete from jobs where id in (select id from old) or workflow_id in (select id from old) returning id
), events as (
  delete from job_events where job_id in (select id from gone)
)
select count(*) from gone;

-- name: get_job
-- $1 id
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error,
       created_at, run_at, started_at, finished_at
from jobs where id = $1;

-- name: list_jobs
-- Newest first. $1 state or null, $2 kind or null, $3 project or null, $4 id before which to go on or null, $5 limit
select id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error,
       created_at, run_at, started_at, finished_at
from jobs
where ($1::text is null or state = $1) and ($2::text is null or kind = $2) and ($3::text is null or project = $3)
  and ($4::uuid is null or id < $4)
order by id desc limit $5;

-- name: get_result
-- $1 id
select state, result from jobs where id = $1;

-- name: list_events
-- $1 job id
select seq, type, attempt, message, at from job_events where job_id = $1 order by seq;

-- name: count_jobs
select kind, state, count(*)::int as jobs from jobs group by kind, state order by kind, state;

-- name: list_agents
select id, queue, capacity, started_at, seen_at, extract(epoch from hive_now() - seen_at)::float8 as silent_seconds,
       (select count(*)::int from jobs where agent_id = agents.id and state = 'running') as running
from agents order by queue, started_at;
