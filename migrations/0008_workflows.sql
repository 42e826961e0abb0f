-- Workflows: what their definition was when they began, and how each step stands. Their own row among the jobs stays: for
-- doors a workflow is a job. A row here is what `workflow_events` fold to, and a step's jobs come when it may begin.

create table workflows (
  id uuid primary key references jobs (id) on delete cascade,
  name text not null,
  version integer not null check (version > 0),
  project text not null,
  state text not null check (state in ('running', 'paused', 'compensating', 'succeeded', 'dead', 'cancelled')),
  definition jsonb not null,
  steps jsonb not null,                -- by name: state, round, jobs, error, started_at, finished_at
  error text,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  finished_at timestamptz,
  check ((state in ('succeeded', 'dead', 'cancelled')) = (finished_at is not null))
) with (fillfactor = 50);
create index workflows_by_state on workflows (state, id) where state <> 'succeeded';

-- Append-only: everything that a workflow did, in order. What its jobs went through is in job_events.
create table workflow_events (
  seq bigint generated always as identity primary key,
  workflow_id uuid not null references workflows (id) on delete cascade,
  type text not null,
  step text not null default '',       -- or the checkpoint
  actor text not null default '',      -- who wished it; '' for the orchestrator itself
  message text not null default '',
  data bytea,                          -- JSON by type
  at timestamptz not null default hive_now()
);
create index workflow_events_workflow on workflow_events (workflow_id, seq);

-- Workflows of earlier releases: the definition is read off their jobs, and `imported` carries the whole row. Steps that
-- never began were recorded ahead of their time; they wait without a job now.
create temporary table steps_before on commit drop as
select id, workflow_id, step, kind, needs, error, started_at, finished_at, state as job_state,
       state = 'waiting' or (state = 'cancelled' and attempt = 0 and cardinality(needs) > 0) as never_began
from jobs where workflow_id is not null;

insert into workflows (id, name, version, project, state, definition, steps, error, created_at, changed_at, finished_at)
select workflow.id, workflow.kind, 1, workflow.project, workflow.state,
       jsonb_build_object('name', workflow.kind, 'steps', jsonb_agg(
         jsonb_build_object('name', step.step, 'kind', step.kind, 'needs', step.needs) order by step.id)),
       jsonb_object_agg(step.step, case when never_began then '{"state": "waiting"}' else
         jsonb_strip_nulls(jsonb_build_object(
           'state', case job_state when 'queued' then 'running' else job_state end, 'jobs', 1, 'error', step.error,
           'started_at', step.started_at, 'finished_at', step.finished_at)) end),
       workflow.error, workflow.created_at, hive_now(), workflow.finished_at
from jobs as workflow join steps_before as step on step.workflow_id = workflow.id
group by workflow.id;
insert into workflow_events (workflow_id, type, data)
select id, 'imported', convert_to(to_jsonb(workflows)::text, 'UTF8') from workflows order by id;

delete from job_events where job_id in (select id from steps_before where never_began);
delete from jobs where id in (select id from steps_before where never_began);
