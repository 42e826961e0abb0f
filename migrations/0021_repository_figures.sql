-- What was read for the figures of a repository on GitHub, so that only what is new is read again. A cache: nothing is
-- lost with it.

create table repository_histories (
  project text not null check (project <> ''),
  days integer not null check (days > 0),
  head_sha text not null check (head_sha <> ''),
  since timestamptz not null,
  history jsonb not null,
  primary key (project, days)
);

create table pull_request_times (
  project text not null check (project <> ''),
  number integer not null check (number > 0),
  opened_at timestamptz not null,
  merged_at timestamptz not null,
  first_commit_at timestamptz,
  first_review_at timestamptz,
  primary key (project, number)
);
