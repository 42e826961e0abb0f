-- Findings: one row for one identity, wherever it was met.
--
-- `status` follows from the rest and is kept for cheap lists: dismissed while a person's dismissal stands, else open
-- while it is present in any place, else fixed.

create table findings (
    project        text        not null check (project <> ''),
    fingerprint    text        not null check (fingerprint ~ '^[0-9a-f]{32}$'),
    status         text        not null default 'open' check (status in ('open', 'dismissed', 'fixed')),
    rule           text        not null,
    path           text        not null,
    severity       text        not null check (severity in ('critical', 'high', 'medium', 'low')),
    -- The Finding as JSON, as it was last met. Text, not jsonb: code may hold \u0000, which jsonb cannot.
    document       text        not null,
    first_seen_at  timestamptz not null default hive_now(),
    -- Refreshed at most every ten minutes for an editor: an editor asks at every pause in typing.
    last_seen_at   timestamptz not null default hive_now(),
    fixed_at       timestamptz,
    dismissed_at   timestamptz,
    dismissed_by   text,
    dismissed_why  text,
    primary key (project, fingerprint),
    check ((status = 'fixed') = (fixed_at is not null)),
    check ((status = 'dismissed') = (dismissed_at is not null)),
    check ((dismissed_at is null) = (dismissed_by is null) and (dismissed_at is null) = (dismissed_why is null))
);

create index findings_newest on findings (first_seen_at desc, project, fingerprint);
create index findings_newest_of_project on findings (project, first_seen_at desc, fingerprint);
create index findings_to_forget on findings (fixed_at) where status = 'fixed';

-- Where a finding is present now. A place is `editor`, `api` or `pull_request:owner/repo#7`.
create table finding_places (
    project      text        not null,
    fingerprint  text        not null,
    place        text        not null check (place <> ''),
    path         text        not null,
    start_line   integer     not null check (start_line > 0),
    seen_at      timestamptz not null default hive_now(),
    primary key (project, place, path, fingerprint),
    foreign key (project, fingerprint) references findings on delete cascade
);

create index finding_places_of_finding on finding_places (project, fingerprint);

-- What people decided about findings. Append-only: a trigger refuses anything but INSERT. No foreign key, so that
-- nothing can take history along with it.
create table finding_events (
    id           bigint      generated always as identity primary key,
    project      text        not null,
    fingerprint  text        not null,
    type         text        not null check (type in ('dismissed', 'reopened')),
    by           text        not null check (by <> ''),
    why          text        not null,
    at           timestamptz not null default hive_now()
);

create index finding_events_of_finding on finding_events (project, fingerprint, id);

create function refuse_to_change_finding_events() returns trigger language plpgsql as $$
begin
    raise exception 'finding_events is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger finding_events_are_append_only
    before update or delete or truncate on finding_events
    for each statement execute function refuse_to_change_finding_events();
