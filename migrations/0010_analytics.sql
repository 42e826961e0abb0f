-- Looking at what goes on must not cost more as history grows: indexes of what is alive, of what ended and of what failed.

-- What waits for earlier steps, and workflows under way: neither is in line nor held by an agent.
create index jobs_in_workflows on jobs (kind)
  where state = 'waiting' or (state = 'running' and agent_id is null);

drop index jobs_dead;
create index jobs_dead on jobs (finished_at desc, id desc) where state = 'dead';

-- Failures over time, by kind, error, agent or project.
create index job_events_failures on job_events (at) include (type, kind, project, error_class, agent_id)
  where type in ('retry', 'crashed', 'lost', 'dead');

-- Messages that nobody could open lie in Redis; who let one rest is recorded here. Append-only.
create table dead_message_events (
  seq bigint generated always as identity primary key,
  message_id text not null,
  stream text not null,
  reason text not null,                -- why nobody could open it
  type text not null check (type in ('discarded')),
  actor text not null check (actor <> ''),
  at timestamptz not null default hive_now()
);

create function refuse_to_change_dead_message_events() returns trigger language plpgsql as $$
begin
  raise exception 'dead_message_events is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger dead_message_events_are_append_only
  before update or delete or truncate on dead_message_events
  for each statement execute function refuse_to_change_dead_message_events();
