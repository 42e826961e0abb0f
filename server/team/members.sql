-- Named queries of members.py. What a process says of itself is written by the beat, in queries.sql.

-- name: list_members
-- Every process that lives, and every name of which something is wished though no process of it is here.
-- $1 name or null
with living as (
  select * from agents where ended_at is null and ($1::text is null or name = $1)
), wishes as (
  select * from members where $1::text is null or name = $1
)
select coalesce(living.name, wishes.name) as name, living.id, living.role,
       coalesce(living.queues, wishes.queues, '{}') as queues,
       coalesce(living.capacity, wishes.capacity, 0) as capacity,
       coalesce(living.state, case when wanted = 'retire' then 'retired' else 'expected' end) as state,
       coalesce(living.note, '') as note,
       coalesce(wanted, 'work') as wanted,
       (select count(*)::int from jobs where agent_id = living.id) as held,
       extract(epoch from hive_now() - living.seen_at)::float8 as silent_seconds,
       living.started_at, living.seen_at, announced_by, announced_at
from living full join wishes on living.name = wishes.name
order by name, living.started_at;

-- name: announce
-- $1 name, $2 queues or null, $3 capacity or null, $4 by
insert into members (name, queues, capacity, announced_by, announced_at) values ($1, $2, $3, $4, hive_now())
on conflict (name) do update
set queues = excluded.queues, capacity = excluded.capacity, announced_by = excluded.announced_by,
    announced_at = excluded.announced_at, wanted = 'work';

-- name: is_known
-- Whether a process of the name is here or expected, or was, as far as is remembered. $1 name
select exists (select from agents where name = $1) or exists (select from members where name = $1)
    or exists (select from agent_events where name = $1);

-- name: wish
-- Answers whether it is a new wish. $1 name, $2 what is wanted
insert into members (name, wanted)
select $1, $2 where $2 <> 'work' or exists (select from members where name = $1)
on conflict (name) do update set wanted = excluded.wanted where members.wanted <> excluded.wanted
returning name;

-- name: bind
-- Processes of the name get no more work, or get work again, from now on. $1 name, $2 what is wanted
update agents set state = case when $2 = 'work' then 'awake' else 'draining' end
where name = $1 and ended_at is null and (state = 'draining') = ($2 = 'work');

-- name: wake_hubs
-- They look who has room now, when this is committed.
select pg_notify('hive_wakeups', 'lines');

-- name: tell
-- What a process became, in its own words; not what it is not to be. $1 id, $2 state, $3 note
update agents set state = $2, note = $3
where id = $1 and ended_at is null and state <> 'draining' and $2 <> 'draining' and state <> $2;

-- name: append_event
-- $1 name, $2 type, $3 actor, $4 message
insert into agent_events (name, type, actor, message) values ($1, $2, $3, $4);

-- name: forget_events
-- The oldest, as far as Postgres lets them go. $1 at most
with oldest as (select seq, at from agent_events order by seq limit $1)
delete from agent_events using oldest
where agent_events.seq = oldest.seq and oldest.at < hive_now() - interval '30 days';

-- name: list_events
-- The newest first. $1 name, $2 limit
select seq, agent_id, type, actor, message, at from agent_events where name = $1 order by seq desc limit $2;
