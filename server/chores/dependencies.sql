-- name: dependencies
-- $1 project, $2 number
select depends_on from pull_dependencies where project = $1 and number = $2 order by depends_on;

-- name: dependents
-- $1 project, $2 number
select number from pull_dependencies where project = $1 and depends_on = $2 order by number;

-- name: forget_dependencies
-- Those that its description names no more. $1 project, $2 number, $3 those that it names
delete from pull_dependencies where project = $1 and number = $2 and depends_on <> all($3::integer[]);

-- name: keep_dependencies
-- $1 project, $2 number, $3 those that it names
insert into pull_dependencies (project, number, depends_on) select $1, $2, named from unnest($3::integer[]) as named
on conflict do nothing;
