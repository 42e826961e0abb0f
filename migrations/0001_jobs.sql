-- Jobs: the truth about work. Only the orchestrator writes here, each change in one transaction with its event.

-- Tests move time by one row; in production the table is empty.
create table clock (
  single boolean primary key default true check (single),
  ahead interval not null
);

create function hive_now() returns timestamptz
  language sql stable
  as $$ select now() + coalesce((select ahead from clock), interval '0') $$;

create table agents (
  id uuid primary key,
  queue text not null,
  capacity integer not null check (capacity >= 0),
  started_at timestamptz not null default hive_now(),
  seen_at timestamptz not null default hive_now()
);

create table jobs (
  id uuid primary key,
  kind text not null,
  project text not null,
  queue text not null,  -- '' for a workflow: its steps run, it does not
  state text not null check (state in ('waiting', 'queued', 'running', 'succeeded', 'dead', 'cancelled')),
  priority smallint not null check (priority between 0 and 2),
  attempt integer not null default 0 check (attempt >= 0),    -- also the fencing token
  failures integer not null default 0 check (failures >= 0),  -- attempts that raised
  crashes integer not null default 0 check (crashes >= 0),    -- attempts whose agent vanished
  max_attempts integer not null check (max_attempts > 0),
  key text,
  concurrency_group text,
  requested_by text not null default '',
  workflow_id uuid references jobs (id) on delete cascade,
  step text,
  needs text[] not null default '{}',
  args bytea not null,
  result bytea,
  error text,
  agent_id uuid,
  leased_until timestamptz,
  created_at timestamptz not null default hive_now(),
  run_at timestamptz not null default hive_now(),
  started_at timestamptz,
  finished_at timestamptz,
  check ((workflow_id is null) = (step is null)),
  check ((state = 'running' and queue <> '') = (leased_until is not null)),
  check ((state in ('succeeded', 'dead', 'cancelled')) = (finished_at is not null)),
  unique (workflow_id, step)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

create unique index jobs_live_key on jobs (kind, key)
  where key is not null and state in ('waiting', 'queued', 'running');
create index jobs_queued on jobs (queue, priority, run_at, id) where state = 'queued';
create index jobs_running on jobs (queue, leased_until) where state = 'running';
create index jobs_live_group on jobs (concurrency_group)
  where concurrency_group is not null and state in ('waiting', 'queued', 'running');
create index jobs_dead on jobs (finished_at) where state = 'dead';
create index jobs_finished on jobs (priority, finished_at) where finished_at is not null;

-- Append-only: what happened to every job, in order.
create table job_events (
  seq bigint generated always as identity primary key,
  job_id uuid not null,
  type text not null,
  attempt integer not null default 0,
  message text not null default '',
  at timestamptz not null default hive_now()
);
create index job_events_job on job_events (job_id, seq);
