-- Failures are still told over time when the jobs whose they were have left, and their events with them.

create table past_failures (
  began_at timestamptz not null,  -- the hour
  type text not null,
  kind text not null,
  project text not null,
  error_class text,
  agent_id uuid,
  failures integer not null check (failures > 0)
);
create index past_failures_began on past_failures (began_at);
