-- Several hubs: who is there, who leads, who holds which lock; and what reviewers decided together.

-- Whether a lease has run out. One that was renewed further in the future than it lasts comes from before the clock was
-- set back: it counts as run out too, because its holder may be long dead. Whoever lives renews it at once.
create function hive_lease_is_over(renewed_at timestamptz, leased_until timestamptz) returns boolean
  language sql stable
  as $$ select leased_until is null or hive_now() >= leased_until
            or hive_now() < renewed_at - (leased_until - renewed_at) $$;

create table hubs (
  id uuid primary key,               -- random at every start
  name text not null,                -- host:pid, for people
  started_at timestamptz not null default hive_now(),
  seen_at timestamptz not null default hive_now(),
  leased_until timestamptz not null
) with (fillfactor = 50);

-- One row for each thing that is led; it never leaves, because its epoch must never come again.
create table leadership (
  name text primary key,
  epoch bigint not null default 0 check (epoch >= 0),  -- one higher with every leader: the fencing token
  hub_id uuid,                       -- null: nobody leads
  renewed_at timestamptz not null default hive_now(),
  leased_until timestamptz,
  check ((hub_id is null) = (leased_until is null))
) with (fillfactor = 50);

-- Fencing tokens of all locks: so a name's tokens rise also when its row has left in between.
create sequence lock_tokens;

create table locks (
  name text primary key check (length(name) between 1 and 300),
  token bigint not null default 0,
  holder uuid,                       -- random for every hold; null: it is free
  held_by text not null default '',  -- who, for people
  renewed_at timestamptz not null default hive_now(),
  leased_until timestamptz,
  check ((holder is null) = (leased_until is null))
) with (fillfactor = 50);
create index locks_unused on locks (renewed_at);

-- Who waits for a lock, in order. A waiter that died stops counting when its lease runs out.
create table lock_waiters (
  ticket bigint generated always as identity primary key,
  name text not null,
  holder uuid not null unique,
  renewed_at timestamptz not null default hive_now(),
  leased_until timestamptz not null
);
create index lock_waiters_in_line on lock_waiters (name, ticket);

create table decisions (
  id uuid primary key,
  question text not null check (question <> ''),
  project text not null check (project <> ''),
  subject text not null check (subject <> ''),  -- what it is about, such as pull_request:owner/repo#7
  voters text[] not null,            -- who may vote, each once
  n integer not null check (n = cardinality(voters)),
  k integer not null check (k between 1 and n),  -- as many equal verdicts decide
  -- agreed: k voters gave `verdict`. rejected: the votes differ so much that no verdict can reach k any more.
  -- undecided: `closes_at` came first.
  state text not null default 'open' check (state in ('open', 'agreed', 'rejected', 'undecided')),
  verdict text,
  opened_by text not null,
  opened_at timestamptz not null default hive_now(),
  closes_at timestamptz not null,
  decided_at timestamptz,
  check ((state = 'agreed') = (verdict is not null)),
  check ((state = 'open') = (decided_at is null))
);
create index decisions_newest on decisions (opened_at desc, id desc);
create index decisions_newest_of_project on decisions (project, opened_at desc, id desc);
create index decisions_open on decisions (closes_at) where state = 'open';
create index decisions_decided on decisions (decided_at) where state <> 'open';

-- Append-only: a vote leaves only together with its decision.
create table votes (
  decision_id uuid not null references decisions (id) on delete cascade,
  voter text not null,
  verdict text not null check (verdict ~ '^[a-z0-9][a-z0-9_.-]{0,63}$'),
  why text not null,
  at timestamptz not null default hive_now(),
  primary key (decision_id, voter)
);

create function refuse_to_change_votes() returns trigger language plpgsql as $$
begin
  -- A decision that leaves takes its votes along: then it is gone already.
  if tg_op = 'DELETE' and not exists (select from decisions where id = old.decision_id) then
    return old;
  end if;
  raise exception 'votes is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger votes_are_append_only
  before update or delete on votes
  for each row execute function refuse_to_change_votes();

create trigger votes_are_never_truncated
  before truncate on votes
  for each statement execute function refuse_to_change_votes();
