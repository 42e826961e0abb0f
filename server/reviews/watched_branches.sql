-- name: watch_branch
-- An editor has it checked out; what is known of its pull request.
-- $1 project, $2 branch
insert into watched_branches as w (project, branch) values ($1, $2)
on conflict (project, branch) do update set asked_at = hive_now()
returning w.document, w.reviewed_sha;

-- name: is_watched
-- Whether any editor cares about this project.
-- $1 project
select exists (select from watched_branches where project = $1);

-- name: keep_pull_request
-- Only of a branch that is watched. No row: it is not.
-- $1 project, $2 branch, $3 document, $4 newly reviewed head or ""
update watched_branches
   set document = $3, read_at = hive_now(), reviewed_sha = coalesce(nullif($4, ''), reviewed_sha)
 where project = $1 and branch = $2
returning reviewed_sha;

-- name: forget_branches
-- Retention: those that no editor asked about for long.
-- $1 seconds
delete from watched_branches where asked_at < hive_now() - make_interval(secs => $1);
