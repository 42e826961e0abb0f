-- name: take_back_feedback
-- What was shown at a place and is not any more. What was applied stays: the commit is history.
-- $1 project, $2 place, and as they are shown now $3 fingerprints, $4 kinds, $5 by
delete from finding_feedback f
 where f.project = $1 and f.place = $2 and f.kind <> 'applied'
   and not exists (select from unnest($3::text[], $4::text[], $5::text[]) as s (fingerprint, kind, by)
                    where s.fingerprint = f.fingerprint and s.kind = f.kind and s.by = f.by);

-- name: keep_feedback
-- $1 project, $2 place, $3 fingerprints, $4 kinds, $5 by
insert into finding_feedback (project, fingerprint, kind, by, place, rule)
select $1, s.fingerprint, s.kind, s.by, $2, f.rule
  from unnest($3::text[], $4::text[], $5::text[]) as s (fingerprint, kind, by)
  join findings f on f.project = $1 and f.fingerprint = s.fingerprint
on conflict do nothing;

-- name: feedback_of
-- $1 project, $2 fingerprint
select kind, by, place, at from finding_feedback where project = $1 and fingerprint = $2 order by at, kind, by;

-- name: feedback_by_rule
-- How people take each rule, the most rejected first. $1 project or NULL, $2 limit
with known as (
    select rule,
           count(*)::int as findings,
           count(*) filter (where status = 'fixed')::int as fixed,
           count(*) filter (where status = 'dismissed')::int as dismissed
      from findings where $1::text is null or project = $1
     group by rule
), shown as (
    select rule,
           count(*) filter (where kind = 'liked')::int as liked,
           count(*) filter (where kind = 'disliked')::int as disliked,
           count(*) filter (where kind = 'resolved')::int as resolved,
           count(*) filter (where kind = 'applied')::int as applied
      from finding_feedback where $1::text is null or project = $1
     group by rule
), rejected as (
    select rule, count(*)::int as rejected
      from (select rule, project, fingerprint from findings where status = 'dismissed'
            union
            select rule, project, fingerprint from finding_feedback where kind = 'disliked') r
     where $1::text is null or project = $1
     group by rule
)
select rule,
       coalesce(findings, 0) as findings, coalesce(fixed, 0) as fixed, coalesce(dismissed, 0) as dismissed,
       coalesce(liked, 0) as liked, coalesce(disliked, 0) as disliked,
       coalesce(resolved, 0) as resolved, coalesce(applied, 0) as applied,
       coalesce(rejected, 0) as rejected
  from known full join shown using (rule) full join rejected using (rule)
 order by rejected desc, findings desc, rule
 limit $2;
