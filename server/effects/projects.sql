-- name: count_findings_of
-- $1 project
select count(*)::int from findings where project = $1;

-- name: copy_decisions
-- History is append-only: under the new name it is told again. $1 old, $2 new
insert into finding_events (project, fingerprint, type, by, why, at)
select $2, e.fingerprint, e.type, e.by, e.why, e.at
  from finding_events e
 where e.project = $1
   and exists (select from findings f where f.project = $1 and f.fingerprint = e.fingerprint)
 order by e.id;

-- name: move_findings
-- $1 old, $2 new
insert into findings as f (project, fingerprint, status, rule, path, severity, document, first_seen_at, last_seen_at,
                           fixed_at, dismissed_at, dismissed_by, dismissed_why)
select $2, fingerprint, status, rule, path, severity, document, first_seen_at, last_seen_at,
       fixed_at, dismissed_at, dismissed_by, dismissed_why
  from findings where project = $1
on conflict (project, fingerprint) do update
   set status = 'dismissed', fixed_at = null, dismissed_at = excluded.dismissed_at,
       dismissed_by = excluded.dismissed_by, dismissed_why = excluded.dismissed_why
 where excluded.status = 'dismissed' and f.status <> 'dismissed';

-- name: move_places
-- $1 old, $2 new, $3 the old owner/name, $4 the new one
insert into finding_places (project, fingerprint, place, path, start_line, seen_at)
select $2, fingerprint,
       case when starts_with(place, 'pull_request:' || $3::text || '#')
            then 'pull_request:' || $4::text || substr(place, length('pull_request:' || $3::text) + 1)
            else place end,
       path, start_line, seen_at
  from finding_places where project = $1
on conflict do nothing;

-- name: move_feedback
-- $1 old, $2 new, $3 the old owner/name, $4 the new one
with gone as (delete from finding_feedback where project = $1 returning *)
insert into finding_feedback (project, fingerprint, kind, by, place, rule, at)
select $2, fingerprint, kind, by,
       case when starts_with(place, 'pull_request:' || $3::text || '#')
            then 'pull_request:' || $4::text || substr(place, length('pull_request:' || $3::text) + 1)
            else place end,
       rule, at
  from gone
on conflict do nothing;

-- name: leave_old_findings
-- With their places. $1 old
delete from findings where project = $1;

-- name: move_pauses
-- $1 old, $2 new
with gone as (delete from paused_pull_requests where project = $1 returning *)
insert into paused_pull_requests (project, number, paused_by, paused_at)
select $2, number, paused_by, paused_at from gone
on conflict do nothing;

-- name: move_wishes
-- $1 old, $2 new, $3 the new owner/name
update merge_wishes w set project = $2, repository = $3
 where w.project = $1
   and not (w.ending = '' and exists (select from merge_wishes o
                                       where o.project = $2 and o.number = w.number and o.ending = ''));

-- name: move_dependencies
-- $1 old, $2 new
with gone as (delete from pull_dependencies where project = $1 returning *)
insert into pull_dependencies (project, number, depends_on)
select $2, number, depends_on from gone
on conflict do nothing;

-- name: move_branches
-- What an editor watches; its document is read again. $1 old, $2 new
with gone as (delete from watched_branches where project = $1 returning *)
insert into watched_branches (project, branch, reviewed_sha, asked_at)
select $2, branch, reviewed_sha, asked_at from gone
on conflict do nothing;

-- name: drop_contexts_known_anew
-- Of files that were read under the new name already, and what is said about the same thing. $1 old, $2 new
delete from contexts c
 where c.project = $1
   and ((c.kind in ('code', 'prose')
         and exists (select from context_files f where f.project = $2 and f.path = c.path))
     or (c.about <> '' and exists (select from contexts o where o.project = $2 and o.about = c.about)));

-- name: move_contexts
-- With the hash by which the index of words knows the project. $1 old, $2 new, $3 the old one's hash, $4 the new one's
with moved as (
    update contexts set project = $2 where project = $1 returning id
), worded as (
    update context_words w set words = (select array_agg(word order by word)
                                          from unnest(array_replace(w.words, $3::integer, $4::integer)) as word)
      from moved where w.context = moved.id
), embedded as (
    update context_vectors v set project = $2 from moved where v.context = moved.id
)
select count(*)::int from moved;

-- name: move_files
-- $1 old, $2 new
with gone as (delete from context_files where project = $1 returning *)
insert into context_files (project, path, digest, indexed_at)
select $2, path, digest, indexed_at from gone
on conflict do nothing;

-- name: leave_pull_requests
-- Nothing is present any more on pull requests that nobody sees. $1 project, $2 how their places begin
with gone as (delete from finding_places where project = $1 and starts_with(place, $2) returning fingerprint)
select count(distinct fingerprint)::int from gone;

-- name: settle_findings
-- $1 project
update findings f set status = 'fixed', fixed_at = hive_now()
 where f.project = $1 and f.status = 'open'
   and not exists (select from finding_places p where p.project = $1 and p.fingerprint = f.fingerprint);

-- name: forget_pauses
-- $1 project
delete from paused_pull_requests where project = $1;

-- name: forget_wishes
-- $1 project
delete from merge_wishes where project = $1;

-- name: forget_branches
-- $1 project
delete from watched_branches where project = $1;

-- name: forget_dependencies
-- $1 project
delete from pull_dependencies where project = $1;

-- name: forget_histories
-- $1 project
delete from repository_histories where project = $1;

-- name: forget_times
-- $1 project
delete from pull_request_times where project = $1;

-- name: forget_contexts
-- All but what people decided, with a line of history each. $1 project
with gone as (
    delete from contexts where project = $1 and kind <> 'feedback' returning id, kind
), told as (
    insert into context_events (project, type, context, kind, by, why)
    select $1, 'forgotten', id, kind, 'github', 'the repository was deleted' from gone
)
select count(*)::int from gone;

-- name: forget_files_of
-- $1 project
delete from context_files where project = $1;
