-- Named queries of locks.py. As in leader.sql, guarded transactions hold the row FOR KEY SHARE: a renewal passes them,
-- whoever takes the lock waits for their end.

-- name: make_lock
-- $1 name
insert into locks (name) values ($1) on conflict do nothing;

-- name: take_lock
-- Hold the lock when nobody does and nobody who lives waited for it before; under a new token. No row otherwise.
-- $1 name, $2 holder, $3 who, $4 lease seconds
with free as (
  select name from locks
  where name = $1 and (holder = $2 or hive_lease_is_over(renewed_at, leased_until))
    and not exists (
      select from lock_waiters as earlier
      where earlier.name = $1 and not hive_lease_is_over(earlier.renewed_at, earlier.leased_until)
        and earlier.ticket < coalesce((select ticket from lock_waiters where holder = $2), 9223372036854775807))
  for update
)
update locks
set token = nextval('lock_tokens'), holder = $2, held_by = $3,
    renewed_at = hive_now(), leased_until = hive_now() + make_interval(secs => $4)
from free where locks.name = free.name
returning token;

-- name: wait_for_lock
-- Stand in line, or go on standing there. $1 name, $2 holder to be, $3 seconds for which the place is kept
insert into lock_waiters (name, holder, leased_until) values ($1, $2, hive_now() + make_interval(secs => $3))
on conflict (holder) do update set renewed_at = hive_now(), leased_until = excluded.leased_until;

-- name: leave_line
-- $1 holder
delete from lock_waiters where holder = $1;

-- name: renew_lock
-- $1 name, $2 holder, $3 token, $4 lease seconds
update locks set renewed_at = hive_now(), leased_until = hive_now() + make_interval(secs => $4)
where name = $1 and holder = $2 and token = $3
returning true;

-- name: guard_lock
-- Whether it is still held under this token; until the end of the transaction nobody else can take it. Who is stopped in
-- the middle of it holds up the others no longer than a lease.
-- $1 name, $2 holder, $3 token, $4 milliseconds
select set_config('idle_in_transaction_session_timeout', $4, true)
from locks where name = $1 and holder = $2 and token = $3 for key share;

-- name: release_lock
-- Free again; wake the one who has waited longest. $1 name, $2 holder
with released as (
  update locks set holder = null, held_by = '', leased_until = null, renewed_at = hive_now()
  where name = $1 and holder = $2 returning name
)
select pg_notify('hive_wakeups', 'lock:' || next.holder) from released cross join lateral (
  select holder from lock_waiters as waiter
  where waiter.name = released.name and not hive_lease_is_over(waiter.renewed_at, waiter.leased_until)
  order by ticket limit 1) as next;

-- name: list_locks
-- Those that are held.
select name, token, held_by, renewed_at, leased_until,
       (select count(*)::int from lock_waiters as waiter where waiter.name = locks.name
          and not hive_lease_is_over(waiter.renewed_at, waiter.leased_until)) as waiting
from locks where not hive_lease_is_over(renewed_at, leased_until) order by name;

-- name: forget_locks
-- Rows that nobody used for long; tokens go on rising without them. $1 seconds
delete from locks where name in (
  select name from locks
  where renewed_at < hive_now() - make_interval(secs => $1) and hive_lease_is_over(renewed_at, leased_until)
  order by renewed_at limit 1000 for update skip locked);

-- name: forget_waiters
-- Whoever died in line. $1 seconds
delete from lock_waiters
where hive_lease_is_over(renewed_at, leased_until) and renewed_at < hive_now() - make_interval(secs => $1);
