-- name: known_findings
-- What is known of the reported findings, and which unreported ones were present at this place and are gone now.
-- Paths null: the place was reviewed as a whole, so every file of it counts except those in $5.
-- Rules cannot tell that what a model found is gone.
-- $1 project, $2 place, $3 reported fingerprints, $4 paths reviewed whole or null, $5 paths of which nothing may be concluded
-- $6 whether a model looked too
select f.fingerprint,
       f.status,
       true as reported,
       p.fingerprint is not null as present,
       f.last_seen_at < hive_now() - interval '10 minutes' as stale,
       exists (select from finding_events e
                where e.project = f.project and e.fingerprint = f.fingerprint and e.type = 'reopened') as reopened
  from findings f
  left join finding_places p
    on p.project = f.project and p.place = $2 and p.path = f.path and p.fingerprint = f.fingerprint
 where f.project = $1 and f.fingerprint = any ($3::text[])
union all
select p.fingerprint, '', false, true, false, false
  from finding_places p
  join findings f on f.project = p.project and f.fingerprint = p.fingerprint
 where p.project = $1 and p.place = $2 and p.path = any ($4::text[]) and p.fingerprint <> all ($3::text[])
   and ($6 or f.rule not like 'model.%')
union all
select p.fingerprint, '', false, true, false, false
  from finding_places p
  join findings f on f.project = p.project and f.fingerprint = p.fingerprint
 where $4::text[] is null
   and p.project = $1 and p.place = $2 and p.path <> all ($5::text[]) and p.fingerprint <> all ($3::text[])
   and ($6 or f.rule not like 'model.%');

-- name: meet_findings
-- Keep findings and that they are present at a place; one that was fixed is open again, a dismissed one stays so.
-- In order of fingerprint, so that two hubs never wait for each other in a circle.
-- $1 project, $2 place, $3 fingerprints, $4 rules, $5 paths, $6 severities, $7 documents, $8 start lines
with met as (
    insert into findings as f (project, fingerprint, rule, path, severity, document)
    select $1, r.fingerprint, r.rule, r.path, r.severity, r.document
      from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
           as r (fingerprint, rule, path, severity, document)
     order by r.fingerprint
    on conflict (project, fingerprint) do update
       set status       = case f.status when 'fixed' then 'open' else f.status end,
           fixed_at     = null,
           severity     = excluded.severity,
           document     = excluded.document,
           last_seen_at = hive_now()
)
insert into finding_places (project, fingerprint, place, path, start_line)
select $1, r.fingerprint, $2, r.path, r.start_line
  from unnest($3::text[], $5::text[], $8::integer[]) as r (fingerprint, path, start_line)
 order by r.fingerprint
on conflict (project, place, path, fingerprint) do update
   set start_line = excluded.start_line, seen_at = hive_now();

-- name: lock_findings
-- Take turns with whoever meets or leaves the same findings, so that `leave_place` sees what they did.
-- $1 project, $2 fingerprints
select fingerprint from findings where project = $1 and fingerprint = any ($2::text[]) order by fingerprint for update;

-- name: leave_place
-- Findings gone from a place; an open one that is present in no other place is fixed.
-- $1 project, $2 place, $3 fingerprints
with gone as (
    delete from finding_places
     where project = $1 and place = $2 and fingerprint = any ($3::text[])
 returning fingerprint
)
update findings f
   set status = 'fixed', fixed_at = hive_now()
  from gone
 where f.project = $1 and f.fingerprint = gone.fingerprint and f.status = 'open'
   and not exists (select from finding_places p
                    where p.project = $1 and p.fingerprint = f.fingerprint and p.place <> $2);

-- name: dismiss_finding
-- A person's dismissal, and its event. No row: there is no such finding, or it is dismissed already.
-- $1 project, $2 fingerprint, $3 by, $4 why
with dismissed as (
    update findings
       set status = 'dismissed', fixed_at = null, dismissed_at = hive_now(), dismissed_by = $3, dismissed_why = $4
     where project = $1 and fingerprint = $2 and status <> 'dismissed'
 returning project, fingerprint
)
insert into finding_events (project, fingerprint, type, by, why)
select project, fingerprint, 'dismissed', $3, $4 from dismissed
returning id;

-- name: reopen_finding
-- Take a dismissal back: open where it is present, fixed where it is not. No row: there was nothing to take back.
-- $1 project, $2 fingerprint, $3 by, $4 why
with present as (
    select exists (select from finding_places where project = $1 and fingerprint = $2) as anywhere
), reopened as (
    update findings
       set status = case when present.anywhere then 'open' else 'fixed' end,
           fixed_at = case when present.anywhere then null else hive_now() end,
           dismissed_at = null, dismissed_by = null, dismissed_why = null
      from present
     where project = $1 and fingerprint = $2 and status = 'dismissed'
 returning project, fingerprint
)
insert into finding_events (project, fingerprint, type, by, why)
select project, fingerprint, 'reopened', $3, $4 from reopened
returning id;

-- name: get_finding
-- One finding with the places where it is present.
-- $1 project, $2 fingerprint
select f.project, f.document, f.status, f.first_seen_at, f.last_seen_at, f.fixed_at,
       f.dismissed_at, f.dismissed_by, f.dismissed_why,
       coalesce((select json_agg(json_build_object('place', p.place, 'start_line', p.start_line, 'seen_at', p.seen_at)
                                 order by p.place)
                   from finding_places p
                  where p.project = f.project and p.fingerprint = f.fingerprint), '[]')::text as places
  from findings f
 where f.project = $1 and f.fingerprint = $2;

-- name: list_findings
-- The newest first; a cursor names the last one seen.
-- $1 project or NULL, $2 status or NULL, $3 severity or NULL, $4 rule or NULL, $5 path or NULL, $6 place or NULL,
-- $7 after first_seen_at or NULL, $8 after project, $9 after fingerprint, $10 limit
select f.project, f.document, f.status, f.first_seen_at, f.last_seen_at, f.fixed_at,
       f.dismissed_at, f.dismissed_by, f.dismissed_why,
       coalesce((select json_agg(json_build_object('place', p.place, 'start_line', p.start_line, 'seen_at', p.seen_at)
                                 order by p.place)
                   from finding_places p
                  where p.project = f.project and p.fingerprint = f.fingerprint), '[]')::text as places
  from findings f
 where ($1::text is null or f.project = $1)
   and ($2::text is null or f.status = $2)
   and ($3::text is null or f.severity = $3)
   and ($4::text is null or f.rule = $4)
   and ($5::text is null or f.path = $5)
   and ($6::text is null or exists (select from finding_places p
                                     where p.project = f.project and p.fingerprint = f.fingerprint and p.place = $6))
   and ($7::timestamptz is null
        or f.first_seen_at < $7
        or (f.first_seen_at = $7 and (f.project, f.fingerprint) > ($8::text, $9::text)))
 order by f.first_seen_at desc, f.project, f.fingerprint
 limit $10;

-- name: finding_history
-- What people decided about a finding, in order.
-- $1 project, $2 fingerprint
select type, by, why, at from finding_events where project = $1 and fingerprint = $2 order by id;

-- name: count_findings
-- How many findings have each status and severity.
select status, severity, count(*)::integer as count from findings group by status, severity;

-- name: count_open
-- How many open findings are present at a place. $1 project, $2 place
select count(*)::integer
  from finding_places p
  join findings f on f.project = p.project and f.fingerprint = p.fingerprint
 where p.project = $1 and p.place = $2 and f.status = 'open';

-- name: count_met
-- How findings that were first met in this time stand now. $1 from, $2 to, $3 project or null
select status, count(*)::int as findings from findings
where first_seen_at >= $1 and first_seen_at <= $2 and ($3::text is null or project = $3)
group by status;

-- name: forget_fixed
-- Retention: findings fixed long ago about which nobody ever decided anything. Typing leaves many.
-- $1 seconds since they were fixed, $2 limit
delete from findings f
 using (select project, fingerprint
          from findings g
         where g.status = 'fixed' and g.fixed_at < hive_now() - $1 * interval '1 second'
           and not exists (select from finding_events e
                            where e.project = g.project and e.fingerprint = g.fingerprint)
         order by g.fixed_at
         limit $2
           for update skip locked) old
 where f.project = old.project and f.fingerprint = old.fingerprint;
