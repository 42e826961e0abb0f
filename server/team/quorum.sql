-- Named queries of quorum.py. A decision whose time has come is undecided from that moment on, also before the leader
-- has written so.

-- name: open_decision
-- No row: this id is known.
-- $1 id, $2 question, $3 project, $4 subject, $5 voters, $6 k, $7 who opens it, $8 seconds until it closes
insert into decisions (id, question, project, subject, voters, n, k, opened_by, closes_at)
values ($1, $2, $3, $4, $5, cardinality($5::text[]), $6, $7, hive_now() + make_interval(secs => $8))
on conflict (id) do nothing
returning id;

-- name: lock_decision
-- Voters of one decision take turns. $1 id
select state, voters, n, k, hive_now() >= closes_at as is_over from decisions where id = $1 for update;

-- name: verdicts
-- $1 decision id
select voter, verdict from votes where decision_id = $1;

-- name: insert_vote
-- $1 decision id, $2 voter, $3 verdict, $4 why
insert into votes (decision_id, voter, verdict, why) values ($1, $2, $3, $4);

-- name: decide
-- $1 id, $2 state, $3 verdict or null
update decisions set state = $2, verdict = $3, decided_at = hive_now() where id = $1 and state = 'open';

-- name: close_overdue
-- Those whose time has come.
update decisions set state = 'undecided', decided_at = closes_at
where id in (select id from decisions where state = 'open' and closes_at <= hive_now()
             order by closes_at limit 1000 for update skip locked);

-- name: get_decision
-- $1 id
select id, question, project, subject, voters, n, k, verdict, opened_by, opened_at, closes_at,
       case when state = 'open' and hive_now() >= closes_at then 'undecided' else state end as state,
       case when state = 'open' and hive_now() >= closes_at then closes_at else decided_at end as decided_at,
       (select coalesce(json_agg(json_build_object('voter', voter, 'verdict', votes.verdict, 'why', why, 'at', at)
                                 order by at, voter), '[]')
        from votes where decision_id = decisions.id) as votes
from decisions where id = $1;

-- name: list_decisions
-- Newest first; a cursor names the last one seen.
-- $1 project or null, $2 subject or null, $3 state or null, $4 before opened_at or null, $5 before id, $6 limit
select id, question, project, subject, voters, n, k, verdict, opened_by, opened_at, closes_at,
       case when state = 'open' and hive_now() >= closes_at then 'undecided' else state end as state,
       case when state = 'open' and hive_now() >= closes_at then closes_at else decided_at end as decided_at,
       (select coalesce(json_agg(json_build_object('voter', voter, 'verdict', votes.verdict, 'why', why, 'at', at)
                                 order by at, voter), '[]')
        from votes where decision_id = decisions.id) as votes
from decisions
where ($1::text is null or project = $1)
  and ($2::text is null or subject = $2)
  and ($3::text is null or case when state = 'open' and hive_now() >= closes_at then 'undecided' else state end = $3)
  and ($4::timestamptz is null or (opened_at, id) < ($4, $5::uuid))
order by opened_at desc, id desc
limit $6;

-- name: forget_decisions
-- The old ones that are decided, with their votes, a thousand at a time. $1 seconds
delete from decisions where id in (
  select id from decisions where state <> 'open' and decided_at < hive_now() - make_interval(secs => $1)
  order by decided_at limit 1000 for update skip locked);
