-- Named queries of sessions.py.

-- name: lock_gathered
-- Nothing while another hub gathers.
select seq from sessions_gathered for update skip locked;

-- name: end_rested
-- Nobody did anything in these sessions for $1 seconds.
update sessions set ended_at = last_seen_at
where ended_at is null and last_seen_at < hive_now() - make_interval(secs => $1);

-- name: gather
-- Open or go on with the sessions in which something happened, and count it. A job is its requester's, in its project;
-- what an agent does is its name's, and being here is enough for its session. Who is here was seen when it began, or, if
-- the clock was set back since, is taken to have been.
-- $1 number of the last event gathered, $2 of the last to gather, $3 how many jobs of each session are listed
with page as (
  select seq, job_id, type, kind, project, at, agent_id,
         case when type = 'accepted' and actor <> '' and actor not like 'schedule:%' then actor end as asker
  from job_events where seq > $1 and seq <= $2
), acts as (
  select 'agent' as class, name as owner, '' as project, kind, type, events, first_at, last_at
  from (select agent_id, kind, type, count(*) as events, min(at) as first_at, max(at) as last_at
        from page where agent_id is not null group by agent_id, kind, type) as by_agent
  join agents on agents.id = agent_id
  union all
  select 'person', asker, project, kind, type, count(*), min(at), max(at)
  from page where asker is not null group by asker, project, kind, type
  union all
  select 'person', requested_by, jobs.project, jobs.kind, type, count(*), min(at), max(at)
  from page join jobs on jobs.id = job_id
  where type in ('succeeded', 'dead', 'discarded', 'cancelled', 'superseded', 'expired')
    and requested_by <> '' and requested_by not like 'schedule:%'
    and (exists (select from page where asker is not null)  -- without anybody who asked there is nothing to look up
         or exists (select from sessions where kind = 'person' and ended_at is null))
  group by requested_by, jobs.project, jobs.kind, type
), opened as (
  insert into sessions (id, kind, owner, project, started_at, last_seen_at)
  select gen_random_uuid(), class, owner, project, min(first_at), max(last_at) from (
    select class, owner, project, first_at, last_at from acts
    union all select 'agent', name, '', started_at, greatest(started_at, seen_at) from agents where ended_at is null) as seen
  group by class, owner, project order by class, owner, project
  on conflict (kind, owner, project) where ended_at is null do update
  set last_seen_at = greatest(sessions.last_seen_at, excluded.last_seen_at)
  returning id, kind as class, owner, project
), counted as (
  insert into session_counts (session_id, kind, type, events)
  select opened.id, kind, type, sum(events) from acts join opened using (class, owner, project)
  group by opened.id, kind, type
  on conflict (session_id, kind, type) do update set events = session_counts.events + excluded.events
), begun as (
  select 'person' as class, asker as owner, project, job_id,
         row_number() over (partition by asker, project order by seq desc) as place
  from page where asker is not null
  union all
  select 'agent', name, '', job_id, place from (
    select agent_id, job_id, row_number() over (partition by agent_id order by seq desc) as place
    from page where type = 'started' and agent_id is not null) as started
  join agents on agents.id = agent_id where place <= $3
), linked as (
  insert into session_jobs (session_id, job_id)
  select opened.id, job_id from begun join opened using (class, owner, project) where place <= $3
  on conflict do nothing
)
update sessions_gathered set seq = greatest(seq, $2);

-- name: keep_summary
-- What a process has done since its start, with the session of its name. $1 agent id, $2 summary
insert into sessions (id, kind, owner, project, started_at, last_seen_at, summary)
select gen_random_uuid(), 'agent', name, '', started_at, greatest(started_at, seen_at), jsonb_build_object(id::text, $2::jsonb)
from agents where id = $1
on conflict (kind, owner, project) where ended_at is null do update set summary = sessions.summary || excluded.summary;

-- name: list_sessions
-- The last seen first. $1 kind or null, $2 owner or null, $3 project or null, $4 and $5 where the page before ended, or
-- null, $6 limit
select id, kind, owner, project, started_at, last_seen_at, ended_at
from sessions
where ($1::text is null or kind = $1) and ($2::text is null or owner = $2) and ($3::text is null or project = $3)
  and ($4::timestamptz is null or (last_seen_at, id) < ($4, $5::uuid))
order by last_seen_at desc, id desc limit $6;

-- name: get_session
-- $1 id
select id, kind, owner, project, started_at, last_seen_at, ended_at, summary::text as summary from sessions where id = $1;

-- name: count_events
-- $1 session id
select kind, type, events from session_counts where session_id = $1 order by kind, type;

-- name: list_jobs
-- The newest first, of those that are kept. $1 session id, $2 limit, $3 whether with the steps of workflows
select jobs.id, kind, project, queue, state, priority, attempt, key, requested_by, workflow_id, step, error, error_class,
       agent_id, failures, crashes, expires_at, deadline_at, created_at, run_at, finished_at,
       case when queue = '' then
         (select min(step.started_at) from jobs as step where step.workflow_id = jobs.id) else started_at end as started_at
from session_jobs join jobs on jobs.id = job_id
where session_id = $1 and (workflow_id is null or $3) order by jobs.id desc limit $2;

-- name: forget
-- $1 seconds since they ended
delete from sessions where ended_at < hive_now() - make_interval(secs => $1);
