-- name: pause
-- Who paused it first stays known.
-- $1 project, $2 number, $3 by
insert into paused_pull_requests (project, number, paused_by) values ($1, $2, $3)
on conflict (project, number) do nothing;

-- name: resume
-- $1 project, $2 number
delete from paused_pull_requests where project = $1 and number = $2;

-- name: paused_by
-- No row: it is not paused.
-- $1 project, $2 number
select paused_by from paused_pull_requests where project = $1 and number = $2;
