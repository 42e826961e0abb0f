-- What workflows.py and workflow_views.py ask. A statement that changes jobs writes their events too, with the same
-- hive_now(): the event determines the row. A step's jobs are named after it: split_part(step, '[', 1) is without the item.

-- --- the workflows themselves --------------------------------------------------------------------------------------------

-- name: insert_workflows
-- $1 ids, $2 names, $3 versions, $4 projects, $5 states, $6 definitions, $7 steps, $8 errors, $9 finished at, $10 now
insert into workflows (id, name, version, project, state, definition, steps, error, created_at, changed_at, finished_at)
select id, name, version, project, state, definition::jsonb, steps::jsonb, error, $10, $10, finished_at
from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::timestamptz[]) as new (id, name, version, project, state, definition, steps, error, finished_at);

-- name: update_workflows
-- $1 ids, $2 states, $3 steps, $4 errors, $5 finished at, $6 now
update workflows
set state = now.state, steps = now.steps::jsonb, error = now.error, changed_at = $6, finished_at = now.finished_at
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) as now (id, state, steps, error, finished_at)
where workflows.id = now.id;

-- name: append_workflow_events
-- $1 workflow ids, $2 types, $3 steps, $4 who, $5 messages, $6 data, $7 now
insert into workflow_events (workflow_id, type, step, actor, message, data, at)
select id, type, step, actor, message, data, $7
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
  with ordinality as new (id, type, step, actor, message, data, place)
order by place;

-- name: lock_workflows
-- Hubs that change one workflow at the same time take turns. $1 ids
select id, name, version, project, state, definition, steps, error, created_at, changed_at, finished_at, hive_now() as now
from workflows where id = any($1::uuid[]) order by id for update;

-- name: lock_workflows_of
-- Whoever changes workflows and their jobs takes the workflows first, so that nobody waits in a circle. $1 job ids
select id from workflows
where id in (select coalesce(workflow_id, id) from jobs where id = any($1::uuid[]) and (workflow_id is not null or queue = ''))
order by id for update;

-- name: lock_workflows_held_by
-- The same for what agents hold. $1 agents
select id from workflows
where id in (select workflow_id from jobs where agent_id = any($1::uuid[]) and workflow_id is not null)
order by id for update;

-- name: now
select hive_now();

-- name: requests
-- What was asked for when they were accepted. $1 ids of workflows
select distinct on (job_id) job_id, data from job_events where job_id = any($1::uuid[]) and type = 'accepted'
order by job_id, seq;

-- name: may_live_again
-- Ended workflows whose key is free, the newest of each key. $1 ids
select distinct on (kind, coalesce(key, id::text)) id from jobs as workflow
where id = any($1::uuid[]) and state in ('succeeded', 'dead', 'cancelled') and not exists (
  select from jobs as live
  where live.kind = workflow.kind and live.key = workflow.key and live.state in ('waiting', 'queued', 'running'))
order by kind, coalesce(key, id::text), id desc;

-- name: end_workflows
-- For the doors they are jobs, and end as such; of the dead the class is that of what they died of.
-- $1 ids, $2 states, $3 errors, $4 classes or null, $5 data of the events
with ended as (
  update jobs
  set state = told.state, finished_at = (select hive_now()), error = told.error,
      error_class = case when told.state = 'dead' then coalesce(told.error_class,
        (select error_class from jobs as step where step.workflow_id = told.id and step.state = 'dead' order by id limit 1)) end
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[]) as told (id, state, error, error_class, data)
  where jobs.id = told.id and jobs.state = 'running'
  returning jobs.id, kind, project, attempt, jobs.state, jobs.error, jobs.error_class, told.data
), told as (
  insert into job_events (job_id, type, attempt, message, at, kind, project, error_class, data)
  select id, state, attempt, coalesce(error, ''), (select hive_now()), kind, project, error_class, data from ended order by id
)
select * from ended;

-- name: revive_workflows
-- Ended ones go on. $1 ids, $2 who, $3 message
with revived as (
  update jobs
  set state = 'running', error = null, error_class = null, finished_at = null, expires_at = null, deadline_at = null
  where id = any($1::uuid[]) and queue = '' and state in ('succeeded', 'dead', 'cancelled')
  returning id, kind, project, attempt
), told as (
  insert into job_events (job_id, type, attempt, message, at, kind, project, actor)
  select id, 'retried', attempt, $3, (select hive_now()), kind, project, $2 from revived order by id
)
select * from revived;

-- --- the jobs of their steps ---------------------------------------------------------------------------------------------

-- name: changed_jobs
-- Of the jobs that changed, those that are workflows or of one. $1 ids
select id, queue, workflow_id, step, state, error from jobs
where id = any($1::uuid[]) and (workflow_id is not null or queue = '') order by id;

-- name: unfinished_jobs
-- Steps of which some job has not succeeded. $1 workflow ids, $2 step's jobs
select distinct workflow_id, asked.step
from jobs join unnest($1::uuid[], $2::text[]) as asked (workflow_id, step) using (workflow_id)
where split_part(jobs.step, '[', 1) = asked.step and state <> 'succeeded';

-- name: step_results
-- $1 workflow ids, $2 steps; with [] at its end the results of all jobs of a fan-out
select workflow_id, asked.step as asked, jobs.step,
       (select data from job_events where job_id = jobs.id and type = 'succeeded' order by seq desc limit 1) as result
from (select distinct * from unnest($1::uuid[], $2::text[]) as asked (workflow_id, step)) as asked
  join jobs using (workflow_id)
where (jobs.step = asked.step or split_part(jobs.step, '[', 1) || '[]' = asked.step) and state = 'succeeded';

-- name: result_sizes
-- As `step_results`, but how large they are together.
select workflow_id, asked.step as asked, sum(octet_length(
         (select data from job_events where job_id = jobs.id and type = 'succeeded' order by seq desc limit 1)))::bigint as bytes
from (select distinct * from unnest($1::uuid[], $2::text[]) as asked (workflow_id, step)) as asked
  join jobs using (workflow_id)
where (jobs.step = asked.step or split_part(jobs.step, '[', 1) || '[]' = asked.step) and state = 'succeeded'
group by 1, 2;

-- name: jobs_to_undo
-- What the jobs of a step were asked for. $1 workflow id, $2 step's jobs
select step, (select data from job_events where job_id = jobs.id and type = 'accepted' order by seq limit 1) as accepted
from jobs where workflow_id = $1 and split_part(step, '[', 1) = $2 and state = 'succeeded' order by id;

-- name: cancel_steps
-- $1 workflow ids, $2 step's jobs, $3 reasons, $4 who
with live as (
  select jobs.id, agent_id, told.reason, told.actor
  from jobs join unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as told (workflow_id, step, reason, actor)
    on jobs.workflow_id = told.workflow_id and split_part(jobs.step, '[', 1) = told.step
  where state in ('waiting', 'queued', 'running')
  order by jobs.id for update of jobs
), cancelled as (
  update jobs
  set state = 'cancelled', finished_at = (select hive_now()), agent_id = null, turn = null, held = false, error = reason
  from live where jobs.id = live.id
  returning jobs.id, kind, project, queue, attempt, slot, workflow_id, step, live.agent_id, reason, actor
), told as (
  insert into job_events (job_id, type, attempt, message, at, kind, project, actor)
  select id, 'cancelled', attempt, reason, (select hive_now()), kind, project, actor from cancelled order by id
)
select * from cancelled;

-- name: revive_steps
-- Jobs of steps that stopped with their workflow get another full set of attempts, and none is a suspect any more.
-- $1 workflow ids, $2 step's jobs, $3 who, $4 message, $5 kinds that have a limit
with stopped as (
  select jobs.id
  from jobs join unnest($1::uuid[], $2::text[]) as told (workflow_id, step)
    on jobs.workflow_id = told.workflow_id and split_part(jobs.step, '[', 1) = told.step
  where state in ('dead', 'cancelled')
  order by jobs.id for update of jobs
), revived as (
  update jobs
  set state = 'queued', failures = 0, crashes = 0, error = null, error_class = null, finished_at = null,
      run_at = (select hive_now()), expires_at = null, deadline_at = null,
      slot = case when slot like 'suspects:%' then case when kind = any($5::text[]) then kind end else slot end
  from stopped where jobs.id = stopped.id
  returning jobs.id, kind, project, queue, attempt, slot
), told as (
  insert into job_events (job_id, type, attempt, message, at, kind, project, actor, data)
  select id, 'retried', attempt, $4, (select hive_now()), kind, project, $3,
         convert_to(json_build_object('slot', slot)::text, 'UTF8')
  from revived order by id
)
select * from revived;

-- name: discard_steps
-- Dead jobs of steps that are done anew rest. $1 workflow id, $2 step's jobs, $3 who
with discarded as (
  update jobs set state = 'cancelled', error = coalesce(error, '') || ' (discarded by ' || $3 || ')'
  where workflow_id = $1 and split_part(step, '[', 1) = any($2::text[]) and state = 'dead'
  returning id, kind, project, attempt, error, error_class
), told as (
  insert into job_events (job_id, type, attempt, message, at, kind, project, actor, error_class)
  select id, 'discarded', attempt, error, (select hive_now()), kind, project, $3, error_class from discarded order by id
)
select * from discarded;

-- name: pause_steps
-- Those in line leave it, until their workflow goes on. $1 workflow ids, $2 who
with paused as (
  update jobs set state = 'waiting', turn = null, held = false
  where workflow_id = any($1::uuid[]) and state = 'queued'
  returning id, kind, project, queue, attempt, slot
), told as (
  insert into job_events (job_id, type, attempt, at, kind, project, actor)
  select id, 'paused', attempt, (select hive_now()), kind, project, $2 from paused order by id
)
select * from paused;

-- name: release_steps
-- They may run again, those that wait for their time when it has come. $1 workflow ids, $2 who
with released as (
  update jobs set state = 'queued', run_at = greatest(run_at, (select hive_now()))
  where workflow_id = any($1::uuid[]) and state = 'waiting'
  returning id, kind, project, queue, attempt, slot, extract(epoch from run_at - (select hive_now()))::float8 as delay
), told as (
  insert into job_events (job_id, type, attempt, at, kind, project, actor, data)
  select id, 'released', attempt, (select hive_now()), kind, project, $2,
         case when delay > 0 then convert_to('{"delay_seconds":' || delay || '}', 'UTF8') end
  from released order by id
)
select * from released;

-- name: overdue_workflows
-- They did not end in time. $1 at most
select id from jobs join workflows using (id)
where deadline_at < (select hive_now()) and jobs.state = 'running' and workflows.state in ('running', 'paused')
order by deadline_at limit $1;

-- name: typed_steps
-- Of jobs, the workflows whose steps declare what their results are. $1 job ids
select jobs.id, jobs.step, workflows.id as workflow_id, workflows.definition
from jobs join workflows on workflows.id = jobs.workflow_id
where jobs.id = any($1::uuid[]) and workflows.definition @? '$.steps[*].result';

-- --- reading -------------------------------------------------------------------------------------------------------------

-- name: get_workflow
-- $1 id
select id, name, version, project, state, definition, steps, error, created_at, changed_at, finished_at
from workflows where id = $1;

-- name: list_workflows
-- Newest first. $1 state or null, $2 name or null, $3 project or null, $4 id before which to go on or null, $5 limit
select id, name, version, project, state, definition, steps, error, created_at, changed_at, finished_at
from workflows
where ($1::text is null or state = $1) and ($2::text is null or name = $2) and ($3::text is null or project = $3)
  and ($4::uuid is null or id < $4)
order by id desc limit $5;

-- name: list_workflow_events
-- $1 workflow id
select seq, workflow_id, type, step, actor, message, data, at from workflow_events where workflow_id = $1 order by seq;

-- name: count_step_jobs
-- $1 workflow ids
select workflow_id, split_part(step, '[', 1) as step, state, count(*)::int as jobs,
       (array_agg(id order by id))[1:20] as ids
from jobs where workflow_id = any($1::uuid[]) group by 1, 2, 3;
