-- name: insert_deliveries
-- Record those whose GUID and body are both new; the others are left alone. A job that is live under the same key is
-- the one that the delivery gets, because no second one will be made.
-- In order of body, so that two hubs never wait for each other in a circle; of one body, the first counts.
-- $1 ids, $2 events, $3 actions, $4 body hashes, $5 received_at, $6 repositories, $7 installations, $8 notes, $9 jobs,
-- $10 job kinds, $11 job keys
insert into deliveries (id, event, action, body_sha256, received_at, repository, installation_id, note, job, state)
select d.id, d.event, d.action, d.body_sha256, d.received_at, d.repository, d.installation_id, d.note,
       coalesce((select j.id from jobs j
                  where j.kind = d.job_kind and j.key = d.job_key and j.state in ('waiting', 'queued', 'running')),
                d.job),
       case when d.job is null then 'ignored' else 'accepted' end
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[], $8::text[],
              $9::uuid[], $10::text[], $11::text[]) with ordinality
       as d (id, event, action, body_sha256, received_at, repository, installation_id, note, job, job_kind, job_key, place)
 order by d.body_sha256, d.place
on conflict do nothing
returning id;

-- name: share_job
-- One job answers two deliveries.
-- $1 id, $2 id of the delivery whose job it is
update deliveries d set job = other.job from deliveries other where d.id = $1 and other.id = $2;

-- name: count_redeliveries
-- The same GUID again: GitHub was asked to redeliver, or Redis handed an entry out twice.
-- $1 ids, $2 how often each came
update deliveries d
   set times_received = d.times_received + c.times
  from unnest($1::text[], $2::integer[]) as c (id, times)
 where d.id = c.id
returning d.id;

-- name: insert_duplicates
-- Known bodies under new GUIDs: recorded, but nothing is done for them.
-- $1 ids, $2 events, $3 actions, $4 body hashes, $5 received_at, $6 repositories, $7 installations, $8 times
insert into deliveries as known
       (id, event, action, body_sha256, received_at, repository, installation_id, times_received, note, state)
select d.id, d.event, d.action, d.body_sha256, d.received_at, d.repository, d.installation_id, d.times,
       'the same body came as delivery ' || first.id, 'duplicate'
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[],
              $8::integer[])
       as d (id, event, action, body_sha256, received_at, repository, installation_id, times)
  join deliveries first on first.body_sha256 = d.body_sha256 and first.state <> 'duplicate'
 order by d.id
on conflict (id) do update set times_received = known.times_received + excluded.times_received;

-- name: list_deliveries
-- Newest first; a cursor names the last one seen.
-- $1 event or null, $2 state or null, $3 repository or null, $4 before received_at or null, $5 before id, $6 limit
select * from deliveries
 where ($1::text is null or event = $1)
   and ($2::text is null or state = $2)
   and ($3::text is null or repository = $3)
   and ($4::timestamptz is null or (received_at, id) < ($4, $5::text))
 order by received_at desc, id desc
 limit $6;

-- name: get_delivery
-- $1 id
select * from deliveries where id = $1;

-- name: forget_deliveries
-- Of the old ones at most a thousand at a time. $1 seconds
delete from deliveries where id in (
  select id from deliveries where received_at < hive_now() - make_interval(secs => $1)
  order by received_at limit 1000
);
