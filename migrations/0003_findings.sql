-- Findings: one row for one identity, wherever it was met.
--
-- `status` follows from the rest and is kept for cheap lists: dismissed while a person's dismissal stands, else open
-- while it is present in any place, else fixed.

CREATE TABLE findings (
    project        text        NOT NULL CHECK (project <> ''),
    fingerprint    text        NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{32}$'),
    status         text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'dismissed', 'fixed')),
    rule           text        NOT NULL,
    path           text        NOT NULL,
    severity       text        NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    -- The Finding as JSON, as it was last met. Text, not jsonb: code may hold \u0000, which jsonb cannot.
    document       text        NOT NULL,
    first_seen_at  timestamptz NOT NULL DEFAULT now(),
    -- Refreshed at most every ten minutes for an editor: an editor asks at every pause in typing.
    last_seen_at   timestamptz NOT NULL DEFAULT now(),
    fixed_at       timestamptz,
    dismissed_at   timestamptz,
    dismissed_by   text,
    dismissed_why  text,
    PRIMARY KEY (project, fingerprint),
    CHECK ((status = 'fixed') = (fixed_at IS NOT NULL)),
    CHECK ((status = 'dismissed') = (dismissed_at IS NOT NULL)),
    CHECK ((dismissed_at IS NULL) = (dismissed_by IS NULL) AND (dismissed_at IS NULL) = (dismissed_why IS NULL))
);

CREATE INDEX findings_newest ON findings (first_seen_at DESC, project, fingerprint);
CREATE INDEX findings_newest_of_project ON findings (project, first_seen_at DESC, fingerprint);
CREATE INDEX findings_to_forget ON findings (fixed_at) WHERE status = 'fixed';

-- Where a finding is present now. A place is `editor`, `api` or `pull_request:owner/repo#7`.
CREATE TABLE finding_places (
    project      text        NOT NULL,
    fingerprint  text        NOT NULL,
    place        text        NOT NULL CHECK (place <> ''),
    path         text        NOT NULL,
    start_line   integer     NOT NULL CHECK (start_line > 0),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project, place, path, fingerprint),
    FOREIGN KEY (project, fingerprint) REFERENCES findings ON DELETE CASCADE
);

CREATE INDEX finding_places_of_finding ON finding_places (project, fingerprint);

-- What people decided about findings. Append-only: a trigger refuses anything but INSERT. No foreign key, so that
-- nothing can take history along with it.
CREATE TABLE finding_events (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project      text        NOT NULL,
    fingerprint  text        NOT NULL,
    type         text        NOT NULL CHECK (type IN ('dismissed', 'reopened')),
    by           text        NOT NULL CHECK (by <> ''),
    why          text        NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX finding_events_of_finding ON finding_events (project, fingerprint, id);

CREATE FUNCTION refuse_to_change_finding_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'finding_events is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER finding_events_are_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON finding_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_finding_events();
