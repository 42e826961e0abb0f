-- Named queries of schedules.py. Time is hive_now(): the database's clock, which tests move.

-- name: insert_schedule
-- Nothing when the name is taken.
-- $1 id, $2 name, $3 kind, $4 project, $5 args, $6 priority, $7 cron, $8 every seconds, $9 time zone, $10 missed, $11 next,
-- $12 beginning, $13 by
insert into schedules (id, name, kind, project, args, priority, cron, every_seconds, timezone, missed, next_at, created_at,
                       created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (name) do nothing
returning *;

-- name: now
select hive_now();

-- name: list_schedules
-- $1 project or null
select * from schedules where $1::text is null or project = $1 order by name;

-- name: get_schedule
-- $1 name
select * from schedules where name = $1;

-- name: lock_schedule
-- $1 name
select *, hive_now() as now from schedules where name = $1 for update;

-- name: lock_due
-- What is due, the longest due first; and what ran last, or was made, at a time that is still to come, because the clock was
-- set back.
-- SKIP LOCKED: leaders that change over never wait for each other. $1 limit
select *, hive_now() as now from schedules
where next_at <= hive_now() or next_at is not null and greatest(last_at, created_at) > hive_now()
order by next_at, id limit $1 for update skip locked;

-- name: advance
-- $1 ids, $2 next times (null: paused), $3 due times of the last jobs or null, $4 ids of the last jobs or null
update schedules
set next_at = turn.next_at, last_at = coalesce(turn.last_at, schedules.last_at),
    last_job_id = coalesce(turn.last_job_id, schedules.last_job_id)
from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid[]) as turn (id, next_at, last_at, last_job_id)
where schedules.id = turn.id and (turn.next_at is distinct from schedules.next_at or turn.last_at is not null);

-- name: set_next
-- $1 id, $2 next time, null to pause
update schedules set next_at = $2 where id = $1 returning *;

-- name: note_asked
-- $1 id, $2 job id
update schedules set last_at = hive_now(), last_job_id = $2 where id = $1;

-- name: delete_schedule
-- $1 name
delete from schedules where name = $1 returning *;

-- name: append_event
-- $1 schedule id, $2 name, $3 type, $4 actor, $5 message
insert into schedule_events (schedule_id, name, type, actor, message) values ($1, $2, $3, $4, $5);

-- name: list_events
-- The newest first, of every schedule that ever had the name. $1 name, $2 limit
select seq, type, actor, message, at from schedule_events where name = $1 order by seq desc limit $2;
