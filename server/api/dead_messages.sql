-- Named queries of dead_messages.py.

-- name: record_discards
-- $1 ids, $2 streams, $3 reasons, $4 who did it
insert into dead_message_events (message_id, stream, reason, type, actor)
select id, stream, reason, 'discarded', $4
from unnest($1::text[], $2::text[], $3::text[]) as discarded (id, stream, reason);

-- name: last_discard
-- $1 id
select actor, at from dead_message_events where message_id = $1 and type = 'discarded' order by seq desc limit 1;
