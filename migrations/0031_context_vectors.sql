-- Vectors of an embedder elsewhere (HIVE_EMBEDDER), beside those that every context is born with: while the embedder is
-- away, or is changed for another, the first ones still find.

create table context_vectors (
    context    uuid     primary key references contexts on delete cascade,
    project    text     not null,
    model      text     not null check (model <> ''),
    dimension  integer  not null check (dimension between 1 and 3072),
    -- That of the context when it was embedded: another text needs another vector.
    digest     text     not null check (digest ~ '^[0-9a-f]{64}$'),
    embedding  halfvec  not null,
    check (vector_dims(embedding) = dimension)
);

-- In the row itself, which is why there is no room for more numbers: what is compared with hundreds of vectors must not
-- fetch each from elsewhere.
alter table context_vectors alter column embedding set storage plain;

create index context_vectors_of_project on context_vectors (project, model);
