-- name: decided
-- What the owner said to this program. No row: it was not asked yet.
-- $1 owner, $2 asker, $3 kind
select is_allowed from ide_consents where owner = $1 and asker = $2 and kind = $3;

-- name: keep_consent
-- $1 owner, $2 asker, $3 its name, $4 kind, $5 whether it may
insert into ide_consents (owner, asker, asker_name, kind, is_allowed) values ($1, $2, $3, $4, $5)
on conflict (owner, asker, kind) do update
   set asker_name = excluded.asker_name, is_allowed = excluded.is_allowed, decided_at = hive_now();

-- name: list_consents
-- The newest first. $1 owner, or null for all
select id, owner, asker, asker_name, kind, is_allowed, decided_at
  from ide_consents where $1::text is null or owner = $1
 order by decided_at desc, id limit 1000;

-- name: revoke_consent
-- No row: there is none, or it is another's. $1 id, $2 owner, or null for anybody's
delete from ide_consents where id = $1 and ($2::text is null or owner = $2)
returning id, owner, asker, asker_name, kind, is_allowed, decided_at;

-- name: revoke_consents
-- All that an owner decided. $1 owner
delete from ide_consents where owner = $1 returning id;

-- name: hint
-- Wake those who wait for this subject, on any hub. $1 subject
select pg_notify('hive_wakeups', $1);

-- name: note
-- $1 asker, $2 its name, $3 owner, $4 editor, $5 act, $6 target, $7 outcome, $8 note
insert into ide_audit (asker, asker_name, owner, editor, act, target, outcome, note)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: list_audit
-- The newest first. $1 before this number, or null, $2 limit
select seq, at, asker, asker_name, owner, editor, act, target, outcome, note
  from ide_audit where $1::bigint is null or seq < $1
 order by seq desc limit $2;
