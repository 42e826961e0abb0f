-- name: insert_key
-- A new key; what comes back is everything but its hash.
-- $1 id, $2 name, $3 scopes, $4 project or NULL, $5 sha256, $6 created by, $7 lifetime in seconds or NULL
insert into api_keys (id, name, scopes, project, sha256, created_by, expires_at)
values ($1, $2, $3::text[], $4, $5, $6, hive_now() + $7::float8 * interval '1 second')
returning id, name, scopes, project, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by;

-- name: usable_key
-- A key that is neither revoked nor expired, by the database's clock.
-- $1 id
select id, name, scopes, project, sha256,
       last_used_at is null or last_used_at < hive_now() - interval '1 minute' as use_is_news
  from api_keys
 where id = $1 and revoked_at is null and (expires_at is null or expires_at > hive_now());

-- name: note_use
-- $1 id
update api_keys set last_used_at = hive_now() where id = $1;

-- name: list_keys
-- Every key, the newest first, without hashes.
select id, name, scopes, project, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by
  from api_keys order by created_at desc, id;

-- name: revoke_key
-- Revoking twice keeps who did it first.
-- $1 id, $2 by
update api_keys set revoked_at = coalesce(revoked_at, hive_now()), revoked_by = coalesce(revoked_by, $2)
 where id = $1
returning id, name, scopes, project, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by;

-- name: any_key
-- Whether a key was ever made: the first start makes one.
select exists (select from api_keys);
