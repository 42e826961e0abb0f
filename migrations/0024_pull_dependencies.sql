-- Which pull requests wait for which others of their repository, as their descriptions say: so that the end of one leads
-- to those that wait for it.

create table pull_dependencies (
  project text not null check (project <> ''),
  number integer not null check (number > 0),
  depends_on integer not null check (depends_on > 0 and depends_on <> number),
  primary key (project, number, depends_on)
);

create index pull_dependencies_by_target on pull_dependencies (project, depends_on);
