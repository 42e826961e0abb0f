-- name: begin_login
-- No row: too many wait already. $1 sha256 of the device code, $2 of the user code, $3 name, $4 project or NULL,
-- $5 lifetime in seconds, $6 interval in seconds, $7 how many may wait
insert into device_logins (device_sha256, user_code_sha256, name, project, expires_at, interval_seconds)
select $1, $2, $3, $4, hive_now() + $5::float8 * interval '1 second', $6
 where (select count(*) from device_logins where expires_at > hive_now()) < $7
returning name;

-- name: poll_login
-- Who asks sooner than it was told to has to wait longer from then on. $1 sha256 of the device code, $2 how much longer
with found as (
    select device_sha256, polled_at + interval_seconds * interval '1 second' > hive_now() as too_soon
      from device_logins where device_sha256 = $1 for update
)
update device_logins d
   set polled_at = hive_now(),
       interval_seconds = d.interval_seconds + case when coalesce(found.too_soon, false) then $2::float8 else 0 end
  from found
 where d.device_sha256 = found.device_sha256
returning coalesce(found.too_soon, false) as too_soon, d.expires_at <= hive_now() as expired,
          d.approved_by is not null as approved, d.denied_by is not null as denied;

-- name: take_login
-- What was approved is given once. $1 sha256 of the device code
delete from device_logins where device_sha256 = $1 and approved_by is not null and expires_at > hive_now()
returning name, project, approved_by;

-- name: look_login
-- $1 sha256 of the user code
select name, project, asked_at, expires_at from device_logins
 where user_code_sha256 = $1 and approved_by is null and denied_by is null and expires_at > hive_now();

-- name: approve_login
-- No row: no such code waits. $1 sha256 of the user code, $2 by, $3 the project, or NULL for the one that was asked for
update device_logins
   set approved_by = $2, approved_at = hive_now(), project = coalesce($3, project)
 where user_code_sha256 = $1 and approved_by is null and denied_by is null and expires_at > hive_now()
returning name, project, asked_at, expires_at;

-- name: deny_login
-- $1 sha256 of the user code, $2 by
update device_logins set denied_by = $2
 where user_code_sha256 = $1 and approved_by is null and denied_by is null and expires_at > hive_now()
returning name, project, asked_at, expires_at;

-- name: waiting_logins
-- The newest first.
select name, project, asked_at, expires_at from device_logins
 where approved_by is null and denied_by is null and expires_at > hive_now()
 order by asked_at desc;

-- name: forget_logins
delete from device_logins where expires_at < hive_now() - interval '1 hour';
