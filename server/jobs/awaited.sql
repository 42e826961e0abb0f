-- name: await_result
-- An editor asked for it.
-- $1 job, $2 principal, $3 editor, $4 kind, $5 uri, $6 digest
insert into awaited_results (job_id, principal, editor, kind, uri, digest) values ($1, $2, $3, $4, $5, $6)
on conflict (job_id) do nothing;

-- name: awaited_by
-- What this editor waits for: the newest, the oldest of them first.
-- $1 principal, $2 editor, $3 limit
select job_id, kind, uri, digest
  from (select * from awaited_results where principal = $1 and editor = $2 order by asked_at desc limit $3) newest
 order by asked_at;

-- name: shown
-- $1 job
delete from awaited_results where job_id = $1;

-- name: forget_awaited
-- Retention: nobody came back for it.
-- $1 seconds
delete from awaited_results where asked_at < hive_now() - make_interval(secs => $1);
