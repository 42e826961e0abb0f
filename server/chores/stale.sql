-- name: now
select hive_now();
