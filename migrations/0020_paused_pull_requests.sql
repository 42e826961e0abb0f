-- Pull requests that are not reviewed by themselves until somebody resumes it. A review that is asked for still comes.

create table paused_pull_requests (
  project text not null check (project <> ''),
  number integer not null check (number > 0),
  paused_by text not null check (paused_by <> ''),
  paused_at timestamptz not null default hive_now(),
  primary key (project, number)
);
