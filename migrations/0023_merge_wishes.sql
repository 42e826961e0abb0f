-- Heads of pull requests that somebody wants merged once they are ready. Of a pull request one waits at a time; one that
-- ended stays until people were told how.

create table merge_wishes (
  id uuid primary key,
  project text not null check (project <> ''),
  repository text not null check (repository <> ''),
  number integer not null check (number > 0),
  head_sha text not null check (head_sha <> ''),
  asked_by text not null check (asked_by <> ''),
  installation_id bigint,
  ending text not null default '',
  asked_at timestamptz not null default hive_now()
);

create unique index merge_wishes_waiting on merge_wishes (project, number) where ending = '';
create index merge_wishes_by_head on merge_wishes (project, head_sha) where ending = '';
