-- name: read_log
-- One row also where nobody has looked yet.
select hive_now() as now, looked_until, coalesce(wait_until > hive_now(), false) as is_waiting
  from (select) as always left join delivery_log on true;

-- name: note_look
-- It never goes back: of two looks at a time, the further one counts.
-- $1 looked_until
insert into delivery_log as log (looked_until) values ($1)
on conflict (single) do update
   set looked_until = greatest(log.looked_until, excluded.looked_until), wait_until = null;

-- name: note_wait
-- $1 looked_until where nobody has looked yet, $2 seconds
insert into delivery_log as log (looked_until, wait_until) values ($1, hive_now() + make_interval(secs => $2))
on conflict (single) do update set wait_until = excluded.wait_until;

-- name: known_deliveries
-- $1 GUIDs
select id from deliveries where id = any($1::text[]);
