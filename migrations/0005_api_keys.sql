-- API keys. The key itself is never kept: only its SHA-256, which suffices because the key is random, not chosen.

create table api_keys (
    -- The public part, shown in lists and logs: hive_<id>_...
    id            text        primary key check (id ~ '^[0-9A-Za-z]{8}$'),
    name          text        not null check (name <> ''),
    scopes        text[]      not null check (cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'admin']),
    -- NULL: every project. A key of one project sees nothing of the others, nor of the hub.
    project       text        check (project <> ''),
    sha256        bytea       not null check (length(sha256) = 32),
    created_at    timestamptz not null default hive_now(),
    created_by    text        not null,
    expires_at    timestamptz,
    -- Refreshed at most once a minute.
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    revoked_by    text,
    check ((revoked_at is null) = (revoked_by is null)),
    check (project is null or not 'admin' = any (scopes))
);
