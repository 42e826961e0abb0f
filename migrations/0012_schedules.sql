-- Recurring jobs: what is asked for again and again, and when it is due next.

create table schedules (
  id uuid primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  kind text not null,
  project text not null check (project <> ''),
  args bytea not null,                       -- JSON, in the kind's own schema
  priority smallint not null check (priority between 0 and 2),
  cron text,                                 -- five fields, read in the time zone
  every_seconds float8 check (every_seconds >= 1),  -- counted from created_at
  timezone text not null,
  missed text not null check (missed in ('once', 'skip')),
  next_at timestamptz,                       -- null while it is paused
  last_at timestamptz,                       -- for when it was asked for last
  last_job_id uuid,                          -- no foreign key: jobs leave sooner
  created_at timestamptz not null default hive_now(),
  created_by text not null check (created_by <> ''),
  check ((cron is null) <> (every_seconds is null)),
  check (last_at is null or last_job_id is not null)
);

create index schedules_due on schedules (next_at) where next_at is not null;

-- Who changed a schedule, and what it missed. Append-only; no foreign key, so that the history outlives the schedule.
-- What it ran stands in the events of its jobs.
create table schedule_events (
  seq bigint generated always as identity primary key,
  schedule_id uuid not null,
  name text not null,
  type text not null check (type in ('created', 'paused', 'resumed', 'removed', 'asked', 'missed')),
  actor text not null,                       -- '' for the scheduler itself
  message text not null default '',
  at timestamptz not null default hive_now()
);

create index schedule_events_of_schedule on schedule_events (name, seq);

create function refuse_to_change_schedule_events() returns trigger language plpgsql as $$
begin
  raise exception 'schedule_events is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger schedule_events_are_append_only
  before update or delete or truncate on schedule_events
  for each statement execute function refuse_to_change_schedule_events();
