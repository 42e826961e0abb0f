-- Named queries of feed.py. They only read, and find by number whatever the history.

-- name: numbers_above
-- $1 number, $2 limit
select seq from job_events where seq > $1 order by seq limit $2;

-- name: newest_number
select coalesce(max(seq), 0) from job_events;

-- name: forgotten_number
-- After it no event is missing.
select seq from forgotten_events;

-- name: writers
-- The transactions that write events now: who has drawn a number keeps this lock until its end can be seen.
select virtualtransaction from pg_locks
where locktype = 'relation' and relation = 'job_events'::regclass and mode = 'RowExclusiveLock'
  and database = (select oid from pg_database where datname = current_database());

-- name: page
-- $1 up to which number, $2 project or null, $3 kinds or null, $4 types or null, $5 the types whose data travels along,
-- $6 limit, $7 after which number
select seq, type, job_id, kind, project, attempt, at, message, actor, agent_id, error_class,
       case when type = any($5::text[]) then data end as data
from job_events
where seq > $7 and seq <= $1 and ($2::text is null or project = $2) and ($3::text[] is null or kind = any($3))
  and ($4::text[] is null or type = any($4))
order by seq limit $6;

-- name: newest_page
-- The last of them, the newest first. $1 to $6 as above
select seq, type, job_id, kind, project, attempt, at, message, actor, agent_id, error_class,
       case when type = any($5::text[]) then data end as data
from job_events
where seq <= $1 and ($2::text is null or project = $2) and ($3::text[] is null or kind = any($3))
  and ($4::text[] is null or type = any($4))
order by seq desc limit $6;
