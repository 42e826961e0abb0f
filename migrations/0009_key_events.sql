-- What was done with keys: of roles, which sign and open messages, and of persons and programs, which open the API.

create table key_events (
    seq         bigint      generated always as identity primary key,
    at          timestamptz not null default hive_now(),
    actor       text        not null,
    -- made: it is known and may be used next; began: it is the current one; followed: another one took its place, it still
    -- counts for what is on its way; forgotten: it counts no more; revoked: it counts no more at once.
    operation   text        not null check (operation in ('made', 'began', 'followed', 'forgotten', 'revoked')),
    role        text        not null,  -- '' for a key of the API
    purpose     text        not null check (purpose in ('signing', 'opening', 'api')),
    key_id      text        not null,
    generation  integer     not null default 0,  -- of the registry with which it became true; 0 for a key of the API
    check ((role = '') = (purpose = 'api'))
);
create index key_events_key on key_events (key_id, seq);

create function key_events_stay() returns trigger
  language plpgsql
  as $$ begin
    raise exception 'key_events is append-only' using errcode = 'insufficient_privilege';
  end $$;

create trigger key_events_stay before update or delete or truncate on key_events
  for each statement execute function key_events_stay();

-- Keys of the API are rows already: each change of one writes its own event.
create function note_api_key() returns trigger
  language plpgsql
  as $$ begin
    if tg_op = 'INSERT' then
      insert into key_events (actor, operation, role, purpose, key_id)
      values (new.created_by, 'made', '', 'api', new.id);
    end if;
    if new.revoked_at is not null and (tg_op = 'INSERT' or old.revoked_at is null) then
      insert into key_events (actor, operation, role, purpose, key_id)
      values (new.revoked_by, 'revoked', '', 'api', new.id);
    end if;
    return null;
  end $$;

insert into key_events (at, actor, operation, role, purpose, key_id)
select created_at, created_by, 'made', '', 'api', id from api_keys order by created_at;
insert into key_events (at, actor, operation, role, purpose, key_id)
select revoked_at, revoked_by, 'revoked', '', 'api', id from api_keys where revoked_at is not null order by revoked_at;

create trigger api_keys_noted after insert or update of revoked_at on api_keys
  for each row execute function note_api_key();
