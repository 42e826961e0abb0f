-- What people allowed programs to do in their editors, and all that programs asked for there; logins by device.

create table ide_consents (
  id uuid primary key default gen_random_uuid(),
  owner text not null check (owner <> ''),        -- whose editors: the id of the key that the editor shows, or `local`
  asker text not null check (asker <> ''),        -- the same of the program
  asker_name text not null,
  kind text not null check (kind in ('see', 'edit', 'run')),
  is_allowed boolean not null,
  decided_at timestamptz not null default hive_now(),
  unique (owner, asker, kind)
);

create table ide_audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null default hive_now(),
  asker text not null,
  asker_name text not null,
  owner text not null,
  editor text not null,
  act text not null check (act in ('connect', 'see', 'edit', 'run', 'consent', 'revoke')),
  target text not null,                           -- a path, an argv, a kind of consent; never the text of a file
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  note text not null
);

create function ide_audit_stays() returns trigger
  language plpgsql
  as $$ begin
    raise exception 'ide_audit is append-only' using errcode = 'insufficient_privilege';
  end $$;

create trigger ide_audit_stays before update or delete or truncate on ide_audit
  for each statement execute function ide_audit_stays();

create table device_logins (
  device_sha256 bytea primary key check (length(device_sha256) = 32),
  user_code_sha256 bytea not null check (length(user_code_sha256) = 32),
  name text not null check (name <> ''),
  project text,
  asked_at timestamptz not null default hive_now(),
  expires_at timestamptz not null,
  polled_at timestamptz,
  interval_seconds double precision not null,
  approved_by text,
  approved_at timestamptz,
  denied_by text,
  check (approved_by is null or denied_by is null)
);
create unique index device_logins_user_code on device_logins (user_code_sha256);
create index device_logins_expires on device_logins (expires_at);
