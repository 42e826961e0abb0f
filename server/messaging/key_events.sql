-- Named queries of key_events.py.

-- name: alone
-- One writer at a time: what is recorded is the difference to what was.
lock table key_events in share row exclusive mode

-- name: last_operations
-- How each key of a role stands, as far as it was recorded.
select distinct on (key_id) key_id, role, purpose, operation from key_events
where purpose <> 'api' order by key_id, seq desc

-- name: insert_events
-- $1 actor, $2 generation, $3 operations, $4 roles, $5 purposes, $6 key ids
insert into key_events (actor, generation, operation, role, purpose, key_id)
select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::text[])

-- name: list_events
-- $1 after this number, $2 limit
select seq, at, actor, operation, role, purpose, key_id, generation from key_events
where seq > $1 order by seq limit $2

-- name: last_number
-- The newest event's number.
select coalesce(max(seq), 0) from key_events
