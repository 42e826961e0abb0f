-- name: near
-- The nearest by meaning, by the index of vectors.
-- $1 project, $2 model, $3 embedding, $4 kind or null, $5 limit
select id from (
    select id, embedding::halfvec(1024) <=> $3::halfvec(1024) as distance
      from contexts
     where project = $1 and model = $2 and dimension = 1024 and consolidated_at is null and ($4::text is null or kind = $4)
     order by embedding::halfvec(1024) <=> $3::halfvec(1024)
     limit $5
) nearest
 where distance < 1 order by distance, id;

-- name: near_few
-- As `near`, where a project has so few contexts that comparing all is cheaper than walking the index past the others.
-- The same places.
with mine as materialized (
    select id, embedding
      from contexts
     where project = $1 and model = $2 and dimension = 1024 and consolidated_at is null and ($4::text is null or kind = $4)
)
select id from (
    select id, embedding::halfvec(1024) <=> $3::halfvec(1024) as distance from mine order by 2 limit $5
) nearest
 where distance < 1 order by distance, id;

-- name: near_remote
-- As `near`, by the vectors of an embedder elsewhere. The same places.
select context as id from (
    select v.context, v.embedding::halfvec(1024) <=> $3::halfvec(1024) as distance
      from context_vectors v join contexts c on c.id = v.context
     where v.project = $1 and v.model = $2 and v.dimension = 1024 and c.consolidated_at is null
       and ($4::text is null or c.kind = $4)
     order by v.embedding::halfvec(1024) <=> $3::halfvec(1024)
     limit $5
) nearest
 where distance < 1 order by distance, context;

-- name: near_few_remote
-- As `near_few`, by the vectors of an embedder elsewhere. The same places.
with mine as materialized (
    select v.context, v.embedding
      from context_vectors v join contexts c on c.id = v.context
     where v.project = $1 and v.model = $2 and v.dimension = 1024 and c.consolidated_at is null
       and ($4::text is null or c.kind = $4)
)
select context as id from (
    select context, embedding::halfvec(1024) <=> $3::halfvec(1024) as distance from mine order by 2 limit $5
) nearest
 where distance < 1 order by distance, context;

-- name: search
-- The best by words, fused with the nearest by meaning by their ranks (RRF), weighted by what is left of their importance.
-- $1 project, $2 the nearest, in order, $3 weights of the query's words, $4 the hashes that all must hold, $5 of which one,
-- $6 how many by words, $7 how many candidates for them, $8 limit
with candidates as materialized (
    select context, weights from context_words where words @> $4::integer[] and words && $5::integer[] limit $7
), worded as (
    select context as id, row_number() over (order by score desc, context) as place
      from (select context, -(weights <#> $3::sparsevec) as score from candidates order by 2 desc limit $6) best
), fused as (
    select id, sum(1.0 / (60 + place)) as score, min(near_place) as near_place, min(word_place) as word_place
      from (select id, place, place as near_place, null::bigint as word_place
              from unnest($2::uuid[]) with ordinality as near (id, place)
            union all
            select id, place, null, place from worded) ranked
     group by id
)
select c.id, c.project, c.kind, c.text, c.path, c.symbol, c.start_line, c.end_line, c.about, c.owner, c.session,
       c.importance, c.uses, c.created_at, c.used_at, c.parent, c.consolidated_at, c.model, f.near_place, f.word_place,
       (f.score * (0.8 + 0.2 * context_strength(c.importance, c.kind, c.uses, coalesce(c.used_at, c.created_at))))::real as score
  from fused f join contexts c using (id)
 where c.project = $1
 order by score desc, c.id
 limit $8;

-- name: count_of_project
-- $1 project
select count(*)::integer from contexts where project = $1;

-- name: put
-- Remember contexts; what was known under the same id is said anew.
-- $1 project, $2 model, $3 dimension, $4 ids, $5 kinds, $6 texts, $7 paths, $8 symbols, $9 first lines, $10 last lines,
-- $11 digests, $12 what they are about, $13 owners, $14 sessions, $15 importances, $16 parents, $17 embeddings
insert into contexts as c (project, model, dimension, id, kind, text, path, symbol, start_line, end_line, digest, about,
                           owner, session, importance, parent, embedding)
select $1, $2, $3, n.id, n.kind, n.text, n.path, n.symbol, n.start_line, n.end_line, n.digest, n.about,
       n.owner, n.session, n.importance, n.parent, n.embedding::halfvec
  from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[], $11::text[],
              $12::text[], $13::text[], $14::uuid[], $15::real[], $16::uuid[], $17::text[])
       as n (id, kind, text, path, symbol, start_line, end_line, digest, about, owner, session, importance, parent, embedding)
 order by n.id
on conflict (id) do update
   set text = excluded.text, path = excluded.path, symbol = excluded.symbol, start_line = excluded.start_line,
       end_line = excluded.end_line, digest = excluded.digest, importance = excluded.importance,
       parent = excluded.parent, model = excluded.model, dimension = excluded.dimension,
       embedding = excluded.embedding, consolidated_at = null
 where c.project = $1;

-- name: put_words
-- $1 contexts, $2 their hashes as array literals, $3 their weights
insert into context_words (context, words, weights)
select n.context, n.words::integer[], n.weights::sparsevec
  from unnest($1::uuid[], $2::text[], $3::text[]) as n (context, words, weights)
 order by n.context
on conflict (context) do update set words = excluded.words, weights = excluded.weights;

-- name: known_of_paths
-- What is remembered of files.
-- $1 project, $2 paths
select id, digest, start_line, end_line from contexts
 where project = $1 and path = any ($2::text[]) and kind in ('code', 'prose');

-- name: move
-- The same text, on other lines.
-- $1 project, $2 ids, $3 first lines, $4 last lines
update contexts c
   set start_line = n.start_line, end_line = n.end_line
  from unnest($2::uuid[], $3::integer[], $4::integer[]) as n (id, start_line, end_line)
 where c.project = $1 and c.id = n.id;

-- name: drop
-- Contexts of files that changed: no event, for their text is in the repository's history.
-- $1 project, $2 ids
delete from contexts where project = $1 and id = any ($2::uuid[]);

-- name: note_files
-- $1 project, $2 paths, $3 digests
insert into context_files (project, path, digest)
select $1, n.path, n.digest from unnest($2::text[], $3::text[]) as n (path, digest) order by n.path
on conflict (project, path) do update set digest = excluded.digest, indexed_at = hive_now();

-- name: forget_files
-- $1 project, $2 paths
delete from context_files where project = $1 and path = any ($2::text[]);

-- name: files
-- $1 project, $2 after this path, $3 limit
select path, digest from context_files where project = $1 and path > $2 order by path limit $3;

-- name: get
-- $1 id, $2 project or null
select c.id, c.project, c.kind, c.text, c.path, c.symbol, c.start_line, c.end_line, c.about, c.owner, c.session,
       c.importance, c.uses, c.created_at, c.used_at, c.parent, c.consolidated_at, c.model, null::bigint as near_place, null::bigint as word_place,
       context_strength(c.importance, c.kind, c.uses, coalesce(c.used_at, c.created_at)) as score
  from contexts c where id = $1 and ($2::text is null or project = $2);

-- name: forget
-- Row, vector and words are gone; that it was, by whom and why is kept.
-- $1 id, $2 project or null, $3 by, $4 why
with gone as (
    delete from contexts where id = $1 and ($2::text is null or project = $2) returning id, project, kind
)
insert into context_events (project, type, context, kind, by, why)
select project, 'forgotten', id, kind, $3, $4 from gone
returning context;

-- name: forget_project
-- All that a project remembers, or all of a kind. One event for each.
-- $1 project, $2 kind or null, $3 by, $4 why, $5 limit
with gone as (
    delete from contexts
     where id in (select id from contexts where project = $1 and ($2::text is null or kind = $2) limit $5)
 returning id, kind
), files as (
    delete from context_files where project = $1 and ($2::text is null or $2 in ('code', 'prose'))
)
insert into context_events (project, type, context, kind, by, why)
select $1, 'forgotten', id, kind, $3, $4 from gone
returning context;

-- name: mark_used
-- They were of use: they fade later. At most once an hour, and only what fades.
-- $1 project, $2 ids
update contexts set uses = uses + 1, used_at = hive_now()
 where project = $1 and id = any ($2::uuid[]) and kind in ('note', 'feedback')
   and (used_at is null or used_at < hive_now() - interval '1 hour');

-- name: stats
-- $1 project or null, $2 the model of an embedder elsewhere, "" without one
select c.project, c.kind, c.model, count(*)::integer as contexts, count(distinct c.path)::integer as paths,
       count(c.consolidated_at)::integer as consolidated, sum(octet_length(c.text))::bigint as bytes,
       $2::text as embedder, count(v.context)::integer as embedded
  from contexts c left join context_vectors v on v.context = c.id and v.model = $2 and v.digest = c.digest
 where $1::text is null or c.project = $1
 group by c.project, c.kind, c.model
 order by c.project, c.kind, c.model;

-- name: faded
-- What has lost its importance, or for which its parent spoke for long: forgotten, with an event.
-- $1 least strength, $2 seconds that consolidated ones stay, $3 limit
with old as (
    select id, project, kind from contexts
     where kind in ('note', 'feedback')
       and (context_strength(importance, kind, uses, coalesce(used_at, created_at)) < $1
            or consolidated_at < hive_now() - $2 * interval '1 second')
     limit $3
       for update skip locked
), gone as (
    delete from contexts c using old where c.id = old.id returning c.id, c.project, c.kind
)
insert into context_events (project, type, context, kind, by)
select project, 'faded', id, kind, 'hub' from gone
returning context;

-- name: newest_to_consolidate
-- Notes and decisions that nobody has compared with their like yet are the newest: the rest was compared when it came.
-- $1 newer than so many seconds, $2 limit
select id, project, kind, model, importance, uses, created_at, embedding::text as embedding
  from contexts
 where kind in ('note', 'feedback') and consolidated_at is null and dimension = 1024
   and created_at > hive_now() - $1 * interval '1 second'
 order by created_at desc, id
 limit $2;

-- name: twins
-- Others of the same kind that say nearly the same, the strongest first.
-- $1 project, $2 kind, $3 model, $4 embedding, $5 id, $6 greatest distance
select id, importance, uses, created_at
  from contexts
 where project = $1 and kind = $2 and model = $3 and dimension = 1024 and consolidated_at is null and id <> $5
   and embedding::halfvec(1024) <=> $4::halfvec(1024) < $6
 order by importance desc, uses desc, created_at, id
 limit 20;

-- name: consolidate
-- One speaks for its like: it takes over their uses and a part of their importance; they are searched no more.
-- $1 project, $2 who speaks, $3 for whom
with merged as (
    update contexts set consolidated_at = hive_now(), parent = $2
     where project = $1 and id = any ($3::uuid[]) and consolidated_at is null
 returning id, kind, uses
), unsearched as (
    delete from context_words where context in (select id from merged)
), spoken as (
    update contexts
       set uses = uses + (select coalesce(sum(uses), 0) from merged)::integer,
           importance = least(1.0, importance + 0.05 * (select count(*) from merged)),
           used_at = hive_now()
     where project = $1 and id = $2
)
insert into context_events (project, type, context, kind, by, why)
select $1, 'consolidated', id, kind, 'hub', 'into ' || $2::text from merged
returning context;

-- name: decisions_to_learn
-- Decisions about findings since the last that was learned, with what they were about.
-- $1 limit
select e.id, e.project, e.fingerprint, e.type, e.by, e.why, f.document
  from finding_events e
  left join findings f on f.project = e.project and f.fingerprint = e.fingerprint
 where e.id > (select finding_event from contexts_learned)
 order by e.id
 limit $1;

-- name: learned
-- $1 the last event
update contexts_learned set finding_event = $1 where finding_event < $1;

-- name: forget_about
-- $1 project, $2 about
delete from contexts where project = $1 and about = $2;

-- name: without_remote
-- Contexts of which the embedder elsewhere has no vector yet, or one of an older text or another model; the newest first.
-- $1 model, $2 but for these, $3 limit
select c.id, c.project, c.text, c.path, c.symbol, c.digest
  from contexts c left join context_vectors v on v.context = c.id
 where c.consolidated_at is null and (v.context is null or v.model <> $1 or v.digest <> c.digest)
   and c.id <> all ($2::uuid[])
 order by c.created_at desc, c.id
 limit $3;

-- name: put_remote
-- Those that were forgotten or changed meanwhile are left out.
-- $1 model, $2 dimension, $3 contexts, $4 digests of their texts, $5 embeddings
insert into context_vectors (context, project, model, dimension, digest, embedding)
select c.id, c.project, $1, $2, n.digest, n.embedding::halfvec
  from unnest($3::uuid[], $4::text[], $5::text[]) as n (context, digest, embedding)
  join contexts c on c.id = n.context and c.digest = n.digest
 order by c.id
on conflict (context) do update
   set model = excluded.model, dimension = excluded.dimension, digest = excluded.digest, embedding = excluded.embedding;

-- name: index_remote
-- One index for each dimension; only the table's own writer waits for it.
create index if not exists context_vectors_near_1024 on context_vectors
    using hnsw ((embedding::halfvec(1024)) halfvec_cosine_ops) where dimension = 1024;

-- name: count_remote
-- How many a project has, and of how many the embedder has a vector. $1 project, $2 model
select count(*)::integer as contexts,
       (select count(*)::integer from context_vectors where project = $1 and model = $2) as embedded
  from contexts where project = $1 and consolidated_at is null;

-- name: offered_fix
-- A model's offer, and what was asked for: that of a job, or of the step of a workflow.
-- $1 job or null, $2 workflow or null
select job.project, accepted.data as accepted, succeeded.data as result
  from jobs job
  join lateral (select data from job_events where job_id = job.id and type = 'accepted' order by seq limit 1) accepted on true
  join lateral (select data from job_events where job_id = job.id and type = 'succeeded' order by seq desc limit 1) succeeded
    on true
 where job.kind = 'fix' and job.state = 'succeeded' and (job.id = $1 or job.workflow_id = $2);
