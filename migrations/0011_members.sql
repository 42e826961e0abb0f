-- Agents as members: what admins wish of an agent by its name, what became of every agent, and the sessions that group
-- the work of a person or of an agent's name over time.

-- One row for each name of which anything is wished. A process that starts under the name is bound by it; the row gives
-- it nothing: a process has its keys from whoever started it.
create table members (
  name text primary key check (name <> ''),
  wanted text not null default 'work' check (wanted in ('work', 'drain', 'retire')),
  queues text[],                       -- announced: it takes work of these at most; null for whatever it can
  capacity integer check (capacity > 0),  -- announced: at most so much at a time; null for whatever it has room for
  announced_by text,
  announced_at timestamptz,
  check ((announced_by is null) = (announced_at is null)),
  check (announced_by is not null or (queues is null and capacity is null))
);

-- The states of the first Agent Hive (awake to error), and how a process may end.
alter table agents
  add column note text not null default '',   -- why it is in this state, or how long it took
  add check (state in ('awake', 'preparing_sleep', 'consolidating', 'sleeping', 'preparing_wake', 'error', 'draining',
                       'left', 'lost', 'retired'));
create index agents_of_name on agents (name);

-- Append-only: each state of each process, and each wish with who wished it. No foreign key: processes leave sooner. An
-- agent that sleeps and wakes all day says so ten times an hour, so what is older than thirty days may be forgotten.
create table agent_events (
  seq bigint generated always as identity primary key,
  name text not null,
  agent_id uuid,                       -- the process; null for a wish, which is about the name
  type text not null,                  -- a state, or announced, drain, resume, retire
  actor text not null default '',      -- who wished it; '' for the process itself, or the orchestrator
  message text not null default '',
  at timestamptz not null default hive_now()
);
create index agent_events_of_name on agent_events (name, seq);

create function refuse_to_change_agent_events() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.at < hive_now() - interval '30 days' then
    return old;
  end if;
  raise exception 'agent_events is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger agent_events_are_append_only before update or delete on agent_events
  for each row execute function refuse_to_change_agent_events();
create trigger agent_events_are_not_emptied before truncate on agent_events
  for each statement execute function refuse_to_change_agent_events();

-- Whoever changes a state, the event cannot be forgotten. Beats that change nothing do not come here.
create function note_agent_state() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.note = old.note then
    new.note := '';  -- it told of the state before
  end if;
  insert into agent_events (name, agent_id, type, message) values (new.name, new.id, new.state, new.note);
  return new;
end
$$;

create trigger agent_begins after insert on agents  -- after: before, it would also see the beats that update
  for each row execute function note_agent_state();
create trigger agent_changes before update of state on agents
  for each row when (new.state is distinct from old.state) execute function note_agent_state();

-- A session: somebody's work without a long rest. A person's is of one project, an agent's of its name, over restarts.
create table sessions (
  id uuid primary key,
  kind text not null check (kind in ('agent', 'person')),
  owner text not null check (owner <> ''),
  project text not null,               -- '' for an agent, which works for all
  started_at timestamptz not null,
  last_seen_at timestamptz not null,
  ended_at timestamptz,
  summary jsonb not null default '{}'  -- of an agent: what each of its processes made of its work before it slept
    check (jsonb_typeof(summary) = 'object'),
  check ((kind = 'agent') = (project = '')),
  check (started_at <= last_seen_at)
);
create unique index sessions_open on sessions (kind, owner, project) where ended_at is null;
create index sessions_newest on sessions (last_seen_at desc, id desc);

-- What happened in a session, by kind of job and type of event.
create table session_counts (
  session_id uuid not null references sessions on delete cascade,
  kind text not null,
  type text not null,
  events bigint not null,
  primary key (session_id, kind, type)
);

-- The newest jobs of a session. No foreign key to jobs: they leave sooner.
create table session_jobs (
  session_id uuid not null references sessions on delete cascade,
  job_id uuid not null,
  primary key (session_id, job_id)
);

-- Up to which number of job_events the sessions tell.
create table sessions_gathered (
  single boolean primary key default true check (single),
  seq bigint not null
);
insert into sessions_gathered (seq) select coalesce(max(seq), 0) from job_events;
