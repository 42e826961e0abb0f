-- API keys. The key itself is never kept: only its SHA-256, which suffices because the key is random, not chosen.

CREATE TABLE api_keys (
    -- The public part, shown in lists and logs: hive_<id>_...
    id            text        PRIMARY KEY CHECK (id ~ '^[0-9A-Za-z]{8}$'),
    name          text        NOT NULL CHECK (name <> ''),
    scopes        text[]      NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'write', 'admin']),
    -- NULL: every project. A key of one project sees nothing of the others, nor of the hub.
    project       text        CHECK (project <> ''),
    sha256        bytea       NOT NULL CHECK (length(sha256) = 32),
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    text        NOT NULL,
    expires_at    timestamptz,
    -- Refreshed at most once a minute.
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    revoked_by    text,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK (project IS NULL OR NOT 'admin' = ANY (scopes))
);
