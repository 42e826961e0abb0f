-- Named queries of leader.py. A guarded transaction holds the row FOR KEY SHARE: a renewal, which is an update of no key,
-- passes it; a takeover, which is FOR UPDATE, waits for its end.

-- name: stand
-- $1 name
insert into leadership (name) values ($1) on conflict do nothing;

-- name: take_over
-- Lead when nobody does, under the next epoch. No row while somebody else does.
-- $1 name, $2 hub id, $3 lease seconds
with vacant as (
  select name from leadership
  where name = $1 and (hub_id = $2 or hive_lease_is_over(renewed_at, leased_until)) for update
)
update leadership
set epoch = epoch + 1, hub_id = $2, renewed_at = hive_now(), leased_until = hive_now() + make_interval(secs => $3)
from vacant where leadership.name = vacant.name
returning epoch;

-- name: renew
-- $1 name, $2 hub id, $3 epoch, $4 lease seconds
update leadership set renewed_at = hive_now(), leased_until = hive_now() + make_interval(secs => $4)
where name = $1 and hub_id = $2 and epoch = $3
returning true;

-- name: guard
-- Whether this hub still leads; until the end of the transaction nobody can take over. A process that is stopped in the
-- middle of it would hold up the others for ever: Postgres ends a transaction that is idle for longer than the lease.
-- $1 name, $2 hub id, $3 epoch, $4 milliseconds
select set_config('idle_in_transaction_session_timeout', $4, true)
from leadership where name = $1 and hub_id = $2 and epoch = $3 for key share;

-- name: release
-- Lead no longer, and wake those who wait for it. $1 name, $2 hub id
with released as (
  update leadership set hub_id = null, leased_until = null, renewed_at = hive_now()
  where name = $1 and hub_id = $2 returning name
)
select pg_notify('hive_wakeups', 'leadership:' || name) from released;

-- name: get_leader
-- $1 name
select leadership.name, epoch, hub_id, hubs.name as hub, renewed_at, leadership.leased_until
from leadership left join hubs on hubs.id = hub_id
where leadership.name = $1 and not hive_lease_is_over(renewed_at, leadership.leased_until);
