-- name: known_findings
-- What is known of the reported findings, and which unreported ones were present at this place and are gone now.
-- Paths NULL: the place was reviewed as a whole, so every file of it counts except those in $5.
-- $1 project, $2 place, $3 reported fingerprints, $4 paths reviewed whole or NULL, $5 paths of which nothing may be concluded
SELECT f.fingerprint,
       f.status,
       true AS reported,
       p.fingerprint IS NOT NULL AS present,
       f.last_seen_at < now() - interval '10 minutes' AS stale
  FROM findings f
  LEFT JOIN finding_places p
    ON p.project = f.project AND p.place = $2 AND p.path = f.path AND p.fingerprint = f.fingerprint
 WHERE f.project = $1 AND f.fingerprint = ANY ($3::text[])
UNION ALL
SELECT p.fingerprint, '', false, true, false
  FROM finding_places p
 WHERE p.project = $1 AND p.place = $2
   AND ($4::text[] IS NULL OR p.path = ANY ($4::text[]))
   AND p.path <> ALL ($5::text[])
   AND p.fingerprint <> ALL ($3::text[]);

-- name: meet_findings
-- Keep findings and that they are present at a place; one that was fixed is open again, a dismissed one stays so.
-- In order of fingerprint, so that two hubs never wait for each other in a circle.
-- $1 project, $2 place, $3 fingerprints, $4 rules, $5 paths, $6 severities, $7 documents, $8 start lines
WITH met AS (
    INSERT INTO findings AS f (project, fingerprint, rule, path, severity, document)
    SELECT $1, r.fingerprint, r.rule, r.path, r.severity, r.document
      FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
           AS r (fingerprint, rule, path, severity, document)
     ORDER BY r.fingerprint
    ON CONFLICT (project, fingerprint) DO UPDATE
       SET status       = CASE f.status WHEN 'fixed' THEN 'open' ELSE f.status END,
           fixed_at     = NULL,
           severity     = excluded.severity,
           document     = excluded.document,
           last_seen_at = now()
)
INSERT INTO finding_places (project, fingerprint, place, path, start_line)
SELECT $1, r.fingerprint, $2, r.path, r.start_line
  FROM unnest($3::text[], $5::text[], $8::integer[]) AS r (fingerprint, path, start_line)
 ORDER BY r.fingerprint
ON CONFLICT (project, place, path, fingerprint) DO UPDATE
   SET start_line = excluded.start_line, seen_at = now();

-- name: lock_findings
-- Take turns with whoever meets or leaves the same findings, so that `leave_place` sees what they did.
-- $1 project, $2 fingerprints
SELECT fingerprint FROM findings WHERE project = $1 AND fingerprint = ANY ($2::text[]) ORDER BY fingerprint FOR UPDATE;

-- name: leave_place
-- Findings gone from a place; an open one that is present in no other place is fixed.
-- $1 project, $2 place, $3 fingerprints
WITH gone AS (
    DELETE FROM finding_places
     WHERE project = $1 AND place = $2 AND fingerprint = ANY ($3::text[])
 RETURNING fingerprint
)
UPDATE findings f
   SET status = 'fixed', fixed_at = now()
  FROM gone
 WHERE f.project = $1 AND f.fingerprint = gone.fingerprint AND f.status = 'open'
   AND NOT EXISTS (SELECT FROM finding_places p
                    WHERE p.project = $1 AND p.fingerprint = f.fingerprint AND p.place <> $2);

-- name: dismiss_finding
-- A person's dismissal, and its event. No row: there is no such finding, or it is dismissed already.
-- $1 project, $2 fingerprint, $3 by, $4 why
WITH dismissed AS (
    UPDATE findings
       SET status = 'dismissed', fixed_at = NULL, dismissed_at = now(), dismissed_by = $3, dismissed_why = $4
     WHERE project = $1 AND fingerprint = $2 AND status <> 'dismissed'
 RETURNING project, fingerprint
)
INSERT INTO finding_events (project, fingerprint, type, by, why)
SELECT project, fingerprint, 'dismissed', $3, $4 FROM dismissed
RETURNING id;

-- name: reopen_finding
-- Take a dismissal back: open where it is present, fixed where it is not. No row: there was nothing to take back.
-- $1 project, $2 fingerprint, $3 by, $4 why
WITH present AS (
    SELECT EXISTS (SELECT FROM finding_places WHERE project = $1 AND fingerprint = $2) AS anywhere
), reopened AS (
    UPDATE findings
       SET status = CASE WHEN present.anywhere THEN 'open' ELSE 'fixed' END,
           fixed_at = CASE WHEN present.anywhere THEN NULL ELSE now() END,
           dismissed_at = NULL, dismissed_by = NULL, dismissed_why = NULL
      FROM present
     WHERE project = $1 AND fingerprint = $2 AND status = 'dismissed'
 RETURNING project, fingerprint
)
INSERT INTO finding_events (project, fingerprint, type, by, why)
SELECT project, fingerprint, 'reopened', $3, $4 FROM reopened
RETURNING id;

-- name: get_finding
-- One finding with the places where it is present.
-- $1 project, $2 fingerprint
SELECT f.project, f.document, f.status, f.first_seen_at, f.last_seen_at, f.fixed_at,
       f.dismissed_at, f.dismissed_by, f.dismissed_why,
       coalesce((SELECT json_agg(json_build_object('place', p.place, 'start_line', p.start_line, 'seen_at', p.seen_at)
                                 ORDER BY p.place)
                   FROM finding_places p
                  WHERE p.project = f.project AND p.fingerprint = f.fingerprint), '[]')::text AS places
  FROM findings f
 WHERE f.project = $1 AND f.fingerprint = $2;

-- name: list_findings
-- The newest first; a cursor names the last one seen.
-- $1 project or NULL, $2 status or NULL, $3 severity or NULL, $4 rule or NULL, $5 path or NULL, $6 place or NULL,
-- $7 after first_seen_at or NULL, $8 after project, $9 after fingerprint, $10 limit
SELECT f.project, f.document, f.status, f.first_seen_at, f.last_seen_at, f.fixed_at,
       f.dismissed_at, f.dismissed_by, f.dismissed_why,
       coalesce((SELECT json_agg(json_build_object('place', p.place, 'start_line', p.start_line, 'seen_at', p.seen_at)
                                 ORDER BY p.place)
                   FROM finding_places p
                  WHERE p.project = f.project AND p.fingerprint = f.fingerprint), '[]')::text AS places
  FROM findings f
 WHERE ($1::text IS NULL OR f.project = $1)
   AND ($2::text IS NULL OR f.status = $2)
   AND ($3::text IS NULL OR f.severity = $3)
   AND ($4::text IS NULL OR f.rule = $4)
   AND ($5::text IS NULL OR f.path = $5)
   AND ($6::text IS NULL OR EXISTS (SELECT FROM finding_places p
                                     WHERE p.project = f.project AND p.fingerprint = f.fingerprint AND p.place = $6))
   AND ($7::timestamptz IS NULL
        OR f.first_seen_at < $7
        OR (f.first_seen_at = $7 AND (f.project, f.fingerprint) > ($8::text, $9::text)))
 ORDER BY f.first_seen_at DESC, f.project, f.fingerprint
 LIMIT $10;

-- name: finding_history
-- What people decided about a finding, in order.
-- $1 project, $2 fingerprint
SELECT type, by, why, at FROM finding_events WHERE project = $1 AND fingerprint = $2 ORDER BY id;

-- name: count_findings
-- How many findings have each status and severity.
SELECT status, severity, count(*)::integer AS count FROM findings GROUP BY status, severity;

-- name: forget_fixed
-- Retention: findings fixed long ago about which nobody ever decided anything. Typing leaves many.
-- $1 seconds since they were fixed, $2 limit
DELETE FROM findings f
 USING (SELECT project, fingerprint
          FROM findings g
         WHERE g.status = 'fixed' AND g.fixed_at < now() - $1 * interval '1 second'
           AND NOT EXISTS (SELECT FROM finding_events e
                            WHERE e.project = g.project AND e.fingerprint = g.fingerprint)
         ORDER BY g.fixed_at
         LIMIT $2
           FOR UPDATE SKIP LOCKED) old
 WHERE f.project = old.project AND f.fingerprint = old.fingerprint;
