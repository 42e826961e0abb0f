-- name: insert_key
-- A new key; what comes back is everything but its hash.
-- $1 id, $2 name, $3 scopes, $4 project or NULL, $5 sha256, $6 created by, $7 lifetime in seconds or NULL
INSERT INTO api_keys (id, name, scopes, project, sha256, created_by, expires_at)
VALUES ($1, $2, $3::text[], $4, $5, $6, now() + $7::float8 * interval '1 second')
RETURNING id, name, scopes, project, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by;

-- name: usable_key
-- A key that is neither revoked nor expired, by the database's clock.
-- $1 id
SELECT id, name, scopes, project, sha256,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS use_is_news
  FROM api_keys
 WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: note_use
-- $1 id
UPDATE api_keys SET last_used_at = now() WHERE id = $1;

-- name: list_keys
-- Every key, the newest first, without hashes.
SELECT id, name, scopes, project, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by
  FROM api_keys ORDER BY created_at DESC, id;

-- name: revoke_key
-- Revoking twice keeps who did it first.
-- $1 id, $2 by
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, $2)
 WHERE id = $1
RETURNING id, name, scopes, project, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by;

-- name: any_key
-- Whether a key was ever made: the first start makes one.
SELECT EXISTS (SELECT FROM api_keys);
