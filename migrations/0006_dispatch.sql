-- Events carry everything that was asked and answered, so that the jobs table is only their projection; work is handed to
-- one agent by name, whose single lease covers all that it holds; and a queue's order is fair among projects.

alter table job_events
  add column kind text not null default '',
  add column project text not null default '',
  add column actor text not null default '',   -- who asked for it; '' for the orchestrator itself
  add column agent_id uuid,
  add column error_class text,
  add column data bytea;                       -- JSON by type: the request, the result, how long a retry waits

-- What was there before: its request and its result move into the events; `imported` is the whole row as it stood.
update jobs set state = 'queued', leased_until = null, agent_id = null, run_at = hive_now()
where state = 'running' and queue <> '';
delete from job_events;
insert into job_events (job_id, type, attempt, at, kind, project, actor, data)
select id, 'accepted', 0, created_at, kind, project, requested_by, convert_to(json_build_object(
  'id', id, 'kind', kind, 'project', project, 'args', convert_from(args, 'UTF8')::json, 'queue', queue,
  'state', case when workflow_id is null and queue = '' then 'running'
                when cardinality(needs) > 0 then 'waiting' else 'queued' end,
  'priority', priority, 'max_attempts', max_attempts, 'key', key, 'concurrency_group', concurrency_group,
  'requested_by', requested_by, 'workflow_id', workflow_id, 'step', step, 'needs', needs)::text, 'UTF8')
from jobs order by created_at, id;
insert into job_events (job_id, type, attempt, at, kind, project, data)
select id, 'succeeded', attempt, finished_at, kind, project, result
from jobs where result is not null order by finished_at, id;

drop index jobs_queued, jobs_running, jobs_dead, jobs_finished;
alter table jobs
  drop constraint jobs_workflow_id_step_key,
  drop column args,
  drop column result,
  drop column leased_until,
  add column error_class text,
  add column turn float8,                      -- its place in line: virtual start time; null while it is not in line
  add column slot text,                        -- the limit under which it runs; null for none
  add column held boolean not null default false,  -- due, but the limit of its slot is reached
  add column expires_at timestamptz,           -- not started by then: cancelled
  add column deadline_at timestamptz,          -- not finished by then: dead
  add check ((state = 'running' and queue <> '') = (agent_id is not null)),
  add check (turn is null or (state = 'queued' and not held)),
  add check (not held or (state = 'queued' and slot is not null));

create unique index jobs_steps on jobs (workflow_id, step) where workflow_id is not null;
create index jobs_line on jobs (queue, priority, turn, id) where turn is not null;
create index jobs_due on jobs (run_at) where state = 'queued' and turn is null and not held;
create index jobs_held on jobs (slot, project, priority, id) where held;
create index jobs_admitted on jobs (slot, project) where slot is not null and (turn is not null or agent_id is not null);
create index jobs_of_agent on jobs (agent_id) where agent_id is not null;
create index jobs_expiring on jobs (expires_at) where expires_at is not null and state in ('waiting', 'queued');
create index jobs_deadlines on jobs (deadline_at) where deadline_at is not null and state in ('waiting', 'queued', 'running');
create index jobs_dead on jobs (finished_at) where state = 'dead';
create index jobs_finished on jobs (priority, finished_at) where finished_at is not null and state <> 'dead';

insert into job_events (job_id, type, attempt, at, kind, project, data)
select id, 'imported', attempt, hive_now(), kind, project, convert_to(to_jsonb(jobs)::text, 'UTF8')
from jobs order by created_at, id;

-- How far each project's line has come, by queue and priority (start-time fair queueing).
create table shares (
  queue text not null,
  priority smallint not null,
  project text not null,
  last_turn float8 not null,
  used_at timestamptz not null default hive_now(),
  primary key (queue, priority, project)
) with (fillfactor = 50);
create index shares_last on shares (queue, priority, last_turn);

-- A key that stays taken for a while, also when its job has ended.
create table taken_keys (
  kind text not null,
  key text not null,
  job_id uuid not null,
  until timestamptz not null,
  primary key (kind, key)
);

-- One row per process that works, under a new random id at every start. All that it holds is leased by this row.
drop table agents;
create table agents (
  id uuid primary key,
  name text not null,
  role text not null check (role in ('agent', 'effects')),
  queues text[] not null,              -- what it can do: the queues whose work it takes
  capacity integer not null check (capacity >= 0),
  state text not null,
  public_key bytea,                    -- X25519: messages to this one agent
  started_at timestamptz not null default hive_now(),
  seen_at timestamptz not null default hive_now(),
  leased_until timestamptz not null,
  ended_at timestamptz
) with (fillfactor = 50);
create index agents_leases on agents (leased_until) where ended_at is null;
