-- name: since
-- A midnight, so that what was read holds for a day.
-- $1 days
select date_trunc('day', hive_now() at time zone 'utc') at time zone 'utc' - make_interval(days => $1);

-- name: find_history
-- $1 project, $2 days, $3 head, $4 since
select history from repository_histories where project = $1 and days = $2 and head_sha = $3 and since = $4;

-- name: keep_history
-- The newest alone.
-- $1 project, $2 days, $3 head, $4 since, $5 history
insert into repository_histories (project, days, head_sha, since, history) values ($1, $2, $3, $4, $5)
on conflict (project, days) do update set head_sha = $3, since = $4, history = $5;

-- name: find_times
-- $1 project, $2 numbers
select number, opened_at, merged_at, first_commit_at, first_review_at
from pull_request_times where project = $1 and number = any($2::integer[]);

-- name: keep_times
-- $1 project, $2 number, $3 opened, $4 merged, $5 first commit, $6 first review
insert into pull_request_times (project, number, opened_at, merged_at, first_commit_at, first_review_at)
values ($1, $2, $3, $4, $5, $6) on conflict (project, number) do nothing;

-- name: forget_old_times
-- Nobody can ask about them: a period has two years at most.
-- $1 project
delete from pull_request_times where project = $1 and merged_at < hive_now() - interval '800 days';
