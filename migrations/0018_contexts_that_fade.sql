-- Notes and decisions are looked through every minute; code, of which there is a thousand times as much, is not.
create index contexts_that_fade on contexts (created_at desc, id) where kind in ('note', 'feedback');
