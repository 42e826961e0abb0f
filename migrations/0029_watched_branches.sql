-- Branches that somebody has checked out in an editor, and what is known of the open pull request of each.

create table watched_branches (
  project text not null check (project <> ''),
  branch text not null check (branch <> ''),
  document text,                            -- the pull request as it was last read, JSON; null before
  reviewed_sha text not null default '',    -- the newest head of which our review is posted
  asked_at timestamptz not null default hive_now(),  -- when an editor last wanted to know
  read_at timestamptz,
  primary key (project, branch)
);
create index watched_branches_asked on watched_branches (asked_at);
