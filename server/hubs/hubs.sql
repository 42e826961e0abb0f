-- Named queries of hubs.py.

-- name: beat
-- This hub is alive. Answers how many others are, and how many of those began before it.
-- $1 id, $2 name, $3 lease seconds
with me as (
  insert into hubs (id, name, leased_until) values ($1, $2, hive_now() + make_interval(secs => $3))
  on conflict (id) do update set seen_at = hive_now(), leased_until = excluded.leased_until
  returning started_at
)
select count(other.id)::int as others,
       (count(other.id) filter (where (other.started_at, other.id) < (me.started_at, $1)))::int as earlier
from me left join hubs as other on other.id <> $1 and not hive_lease_is_over(other.seen_at, other.leased_until)
group by me.started_at;

-- name: leave
-- $1 id
delete from hubs where id = $1;

-- name: forget_hubs
-- Those that left without a word. $1 seconds of silence
delete from hubs
where hive_lease_is_over(seen_at, leased_until) and seen_at < hive_now() - make_interval(secs => $1);
