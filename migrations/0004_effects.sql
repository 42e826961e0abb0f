-- Effects: the ledger of acts on the outside world. A row is there before the act, and has a result only after it.

create table effects (
  key text primary key,                 -- what is done once, such as 'review octo/demo#7@<head>'
  job uuid not null,                    -- who asked first; no foreign key, because jobs leave sooner
  begun_at timestamptz not null default hive_now(),
  acting_at timestamptz,                -- an act was started and may be under way, or done without our knowing
  done_at timestamptz,
  result text,                          -- JSON
  check ((done_at is null) = (result is null))
);
