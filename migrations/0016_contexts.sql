-- What a project remembers: pieces of its code and prose, notes, and what people decided about findings.
--
-- A context is found by meaning (`embedding`, HNSW) and by its words (`context_words`, GIN and BM25 weights); the search
-- fuses both ranks.

create extension if not exists vector;

create table contexts (
    id               uuid        primary key,
    project          text        not null check (project <> ''),
    kind             text        not null check (kind in ('code', 'prose', 'note', 'feedback')),
    text             text        not null check (text <> '' and octet_length(text) <= 16384),
    path             text        not null default '',
    symbol           text        not null default '',
    start_line       integer     not null default 0 check (start_line >= 0),
    end_line         integer     not null default 0 check (end_line >= start_line),
    -- Of what was embedded, SHA-256 in hex: what did not change is not written again.
    digest           text        not null check (digest ~ '^[0-9a-f]{64}$'),
    -- What it is about, such as `finding:0123…`: at most one context is about one thing.
    about            text        not null default '',
    owner            text        not null default '',
    session          uuid,
    importance       real        not null default 0.5 check (importance between 0 and 1),
    uses             integer     not null default 0 check (uses >= 0),
    created_at       timestamptz not null default hive_now(),
    used_at          timestamptz,
    parent           uuid        references contexts on delete set null,
    -- Since when its parent speaks for it: it is no longer searched.
    consolidated_at  timestamptz,
    model            text        not null check (model <> ''),
    dimension        integer     not null check (dimension between 1 and 4000),
    embedding        halfvec     not null,
    check (vector_dims(embedding) = dimension),
    check (parent <> id)
);

-- In the row itself: what is compared with hundreds of vectors must not fetch each from elsewhere.
alter table contexts alter column embedding set storage plain;

create unique index contexts_about on contexts (project, about) where about <> '';
create index contexts_of_path on contexts (project, path) where kind in ('code', 'prose');
create index contexts_of_project on contexts (project, kind, created_at desc, id);
create index contexts_of_parent on contexts (parent) where parent is not null;
-- Vectors of another dimension are compared one by one until somebody makes an index of theirs like this one.
create index contexts_near_1024 on contexts using hnsw ((embedding::halfvec(1024)) halfvec_cosine_ops)
    where dimension = 1024;

-- The words of a context by their hashes, apart from it so that thousands of rows are few pages. One of the hashes is
-- the project's, one its kind's: the index leads to nothing of another project.
create table context_words (
    context  uuid                primary key references contexts on delete cascade,
    words    integer[]           not null,
    weights  sparsevec(16777216) not null
);

create index context_words_held on context_words using gin (words) with (fastupdate = off);

-- Which content of a file was remembered last.
create table context_files (
    project     text        not null,
    path        text        not null check (path <> ''),
    digest      text        not null check (digest ~ '^[0-9a-f]{64}$'),
    indexed_at  timestamptz not null default hive_now(),
    primary key (project, path)
);

-- What was forgotten or merged, by whom and why; never what it said. Append-only.
create table context_events (
    id       bigint      generated always as identity primary key,
    project  text        not null,
    type     text        not null check (type in ('forgotten', 'consolidated', 'faded')),
    context  uuid        not null,
    kind     text        not null,
    by       text        not null,
    why      text        not null default '',
    at       timestamptz not null default hive_now()
);

create index context_events_of_project on context_events (project, id);

create function refuse_to_change_context_events() returns trigger language plpgsql as $$
begin
    raise exception 'context_events is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger context_events_are_append_only
    before update or delete or truncate on context_events
    for each statement execute function refuse_to_change_context_events();

-- How far the decisions about findings were learned.
create table contexts_learned (
    single         boolean primary key default true check (single),
    finding_event  bigint  not null default 0
);
insert into contexts_learned default values;

-- What is left of a context's importance: code and prose are as good as on the first day, for they follow their files;
-- a note halves in 90 days in which it was of no use, a decision in 360, and what was used often fades more slowly.
create function context_strength(importance real, kind text, uses integer, touched_at timestamptz) returns real
language sql stable as $$
    select case
        when kind in ('code', 'prose') then importance
        else (importance * power(0.5, greatest(extract(epoch from hive_now() - touched_at), 0)
              / (86400.0 * case kind when 'note' then 90 else 360 end * (1 + ln(1 + uses)))))::real
    end
$$;
