-- name: lock_effect
-- One at a time for each effect. A session's lock: it ends when the connection goes
-- back to the pool, or with its process.
-- $1 key
select pg_try_advisory_lock(hashtextextended($1, 0));

-- name: begin_effect
-- The row, new or as an earlier attempt left it.
-- $1 key, $2 job
with new as (
  insert into effects (key, job) values ($1, $2) on conflict (key) do nothing
)
select result, extract(epoch from hive_now() - acting_at)::float8 as acting_since_seconds from effects where key = $1;

-- name: start_acting
-- $1 key
update effects set acting_at = hive_now() where key = $1 and done_at is null;

-- name: stop_acting
-- The act was refused: nothing of it is under way.
-- $1 key
update effects set acting_at = null where key = $1 and done_at is null;

-- name: finish_effect
-- $1 key, $2 result
update effects set done_at = hive_now(), result = $2 where key = $1 and done_at is null;

-- name: is_effect_done
-- $1 key
select true from effects where key = $1 and done_at is not null;
