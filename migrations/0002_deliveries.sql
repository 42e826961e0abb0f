-- Deliveries: every webhook POST that was answered with 202 (or 200), once.

create table deliveries (
  id text primary key,           -- GitHub's GUID; a redelivery has the same
  event text not null,
  action text not null,
  -- accepted: it asked for `job`. ignored: recorded, nothing to do. duplicate: the body came before under another GUID,
  -- which GitHub never does, so somebody replays it.
  state text not null check (state in ('accepted', 'ignored', 'duplicate')),
  job uuid,                      -- no foreign key: jobs leave sooner than deliveries
  note text not null,            -- why there is no job
  repository text not null,
  installation_id bigint,
  body_sha256 text not null check (body_sha256 ~ '^[0-9a-f]{64}$'),
  received_at timestamptz not null,
  times_received integer not null default 1 check (times_received > 0),
  check ((state = 'accepted') = (job is not null))
);

create unique index deliveries_body_once on deliveries (body_sha256) where state <> 'duplicate';
create index deliveries_newest on deliveries (received_at desc, id desc);
