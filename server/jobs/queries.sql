-- Everything that JobStore writes, and what it must look at for that. A statement that changes jobs writes their events
-- too, with the same hive_now(): the event determines the row. hive_now() is the database's clock, which tests move. It is
-- asked once a statement, by a subselect: a call for each row costs more than the row. Jobs that are found by one of two
-- columns are found by arrays: with `in (select ...)` Postgres looks through all that there are.

-- name: accept_jobs
-- Record new jobs. One with an agent runs at once; one that lines up gets its turn: a project's jobs follow each other,
-- and a project that comes new starts where the line is now (start-time fair queueing). A job whose id is known, or
-- whose key or step is taken, is left out of the answer.
-- $1 ids, $2 kinds, $3 projects, $4 queues, $5 states, $6 priorities, $7 max attempts, $8 keys, $9 groups, $10 who asked,
-- $11 workflow ids, $12 steps, $13 needs (comma-joined), $14 slots, $15 moments to run at, $16 delay seconds,
-- $17 time-to-live seconds, $18 deadline seconds, $19 agents, $20 whether it lines up, $21 data of the event,
-- $22 whether those are left out, too, in whose concurrency group a live job is
with asked as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::int[], $8::text[],
                       $9::text[], $10::text[], $11::uuid[], $12::text[], $13::text[], $14::text[], $15::timestamptz[],
                       $16::float8[], $17::float8[], $18::float8[], $19::uuid[], $20::bool[], $21::bytea[]) with ordinality
    as new (id, kind, project, queue, state, priority, max_attempts, key, concurrency_group, requested_by,
            workflow_id, step, needs, slot, run_at, delay, ttl, deadline, agent_id, lines_up, data, place)
  where not $22 or (  -- no `exists`, for which Postgres might gather all that are in any group
    select true from jobs where concurrency_group = new.concurrency_group and jobs.state in ('waiting', 'queued', 'running')
    limit 1) is null
), counted as (
  select queue, priority, project, count(*) as jobs from asked where lines_up group by queue, priority, project
), lines as (
  select queue, priority, coalesce(
    (select turn from jobs where jobs.queue = line.queue and jobs.priority = line.priority and turn is not null
     order by turn limit 1),
    (select last_turn from shares where shares.queue = line.queue and shares.priority = line.priority
     order by last_turn desc limit 1), 0) as turn
  from (select distinct queue, priority from counted) as line
), shared as (
  insert into shares (queue, priority, project, last_turn)
  select queue, priority, project, turn + jobs from counted join lines using (queue, priority)
  order by queue, priority, project
  on conflict (queue, priority, project) do update
  set used_at = (select hive_now()), last_turn = greatest(excluded.last_turn, shares.last_turn + (
    select jobs from counted
    where (queue, priority, project) = (excluded.queue, excluded.priority, excluded.project)))
  returning queue, priority, project, last_turn
), turns as (
  select place, last_turn - jobs + row_number() over (partition by queue, priority, project order by place) as turn
  from asked join counted using (queue, priority, project) join shared using (queue, priority, project)
  where lines_up
), added as (
  insert into jobs (id, kind, project, queue, state, priority, attempt, max_attempts, key, concurrency_group, requested_by,
                    workflow_id, step, needs, slot, agent_id, turn, created_at, run_at, started_at, expires_at, deadline_at)
  select id, kind, project, queue, state, priority, (agent_id is not null)::int, max_attempts, key, concurrency_group,
         requested_by, workflow_id, step, coalesce(string_to_array(needs, ','), '{}'), slot, agent_id, turn,
         (select hive_now()),
         coalesce(run_at, (select hive_now()) + make_interval(secs => delay)),
         case when state = 'running' then (select hive_now()) end,
         coalesce(run_at, (select hive_now()) + make_interval(secs => delay)) + make_interval(secs => ttl),
         (select hive_now()) + make_interval(secs => deadline)
  from asked left join turns using (place)
  order by place
  on conflict do nothing
  returning id
), told as (
  insert into job_events (job_id, type, attempt, at, kind, project, actor, agent_id, data)
  select id, type, attempt, (select hive_now()), kind, project, actor, agent_id, data from (
    select place, 0 as nth, id, 'accepted' as type, 0 as attempt, kind, project, requested_by as actor,
           null::uuid as agent_id, data
    from asked join added using (id)
    union all
    select place, 1, id, 'started', 1, kind, project, '', agent_id, null
    from asked join added using (id) where agent_id is not null
  ) as events order by place, nth
)
select id from added;

-- name: accept_one
-- As `accept_jobs`, for one job that runs at once: what happens most often to what people wait for, and a plan of a fifth
-- of the nodes. $1 id, $2 kind, $3 project, $4 queue, $5 priority, $6 max attempts, $7 key, $8 group, $9 who asked,
-- $10 workflow id, $11 step, $12 slot, $13 time-to-live seconds, $14 deadline seconds, $15 agent, $16 data of the event,
-- $17 whether it is left out, too, where a live job is in its concurrency group
with added as (
  insert into jobs (id, kind, project, queue, state, priority, attempt, max_attempts, key, concurrency_group, requested_by,
                    workflow_id, step, slot, agent_id, created_at, run_at, started_at, expires_at, deadline_at)
  select $1::uuid, $2, $3, $4, 'running', $5::smallint, 1, $6::int, $7, $8, $9, $10::uuid, $11, $12, $15::uuid, now, now, now,
         now + make_interval(secs => $13::float8), now + make_interval(secs => $14::float8)
  from (select hive_now() as now) as clock
  where not $17 or (
    select true from jobs where concurrency_group = $8 and state in ('waiting', 'queued', 'running') limit 1) is null
  on conflict do nothing
  returning id, created_at
), told as (
  insert into job_events (job_id, type, attempt, at, kind, project, actor, agent_id, data)
  select id, type, attempt, created_at, $2, $3, actor, agent_id, data
  from added cross join (
    values ('accepted', 0, $9, null::uuid, $16::bytea), ('started', 1, '', $15::uuid, null)
  ) as events (type, attempt, actor, agent_id, data)
)
select id from added;

-- name: take_keys
-- Keys that stay taken. Left out of the answer are those that still were, and those that a live job has, which may have
-- them for as long as it asked. $1 kinds, $2 keys, $3 job ids, $4 seconds
insert into taken_keys (kind, key, job_id, until)
select kind, key, (array_agg(id order by place))[1], (select hive_now()) + make_interval(secs => max(seconds))
from unnest($1::text[], $2::text[], $3::uuid[], $4::float8[]) with ordinality as asked (kind, key, id, seconds, place)
where not exists (
  select from jobs as live
  where live.kind = asked.kind and live.key = asked.key and live.state in ('waiting', 'queued', 'running')
    and live.id <> asked.id)
group by kind, key
order by kind, key
on conflict (kind, key) do update set job_id = excluded.job_id, until = excluded.until
where taken_keys.until <= (select hive_now()) or taken_keys.job_id = excluded.job_id
returning job_id;

-- name: cancel_groups
-- The newest live job of a concurrency group cancels the older ones, and the steps of those that are workflows.
-- A workflow runs once one of its steps has started. $1 groups, $2 groups that leave alone what runs
with newest as (
  select distinct on (concurrency_group) id from jobs
  where concurrency_group = any($1::text[]) and state in ('waiting', 'queued', 'running')
  order by concurrency_group, id desc
), older as (
  select id from jobs
  where concurrency_group = any($1::text[]) and state in ('waiting', 'queued', 'running')
    and id not in (select id from newest)
    and not (state = 'running' and concurrency_group = any($2::text[])
             and (queue <> '' or (  -- no `exists`, for which Postgres would gather all jobs that ever started
               select true from jobs as step where step.workflow_id = jobs.id and step.attempt > 0 limit 1) is true))
), live as (
  select id, agent_id from jobs
  where state in ('waiting', 'queued', 'running')
    and (id = any(array(select id from older)) or workflow_id = any(array(select id from older)))
  order by id for update
)
update jobs
set state = 'cancelled', finished_at = (select hive_now()), agent_id = null, turn = null, held = false,
    error = 'superseded by a newer request'
from live where jobs.id = live.id
returning jobs.id, kind, project, queue, attempt, slot, workflow_id, live.agent_id;

-- name: is_any_crowded
-- Whether several jobs of one of these concurrency groups live. $1 groups
select true from jobs
where concurrency_group = any($1::text[]) and state in ('waiting', 'queued', 'running')
group by concurrency_group having count(*) > 1 limit 1;

-- name: cancel_job
-- $1 id, $2 reason. A workflow takes its steps along.
with live as (
  select id, agent_id from jobs
  where state in ('waiting', 'queued', 'running') and (id = $1 or workflow_id = $1)
  order by id for update
)
update jobs
set state = 'cancelled', finished_at = (select hive_now()), agent_id = null, turn = null, held = false, error = $2
from live where jobs.id = live.id
returning jobs.id, kind, project, queue, attempt, slot, workflow_id, live.agent_id;

-- name: known_jobs
-- $1 ids
select id from jobs where id = any($1::uuid[]);

-- name: how_jobs_stand
-- $1 ids
select id, kind, project, attempt, state, error,
       case when state = 'succeeded' then
         (select data from job_events where job_id = jobs.id and type = 'succeeded' order by seq desc limit 1) end as result
from jobs where id = any($1::uuid[]);

-- name: claim_jobs
-- Hand the most urgent jobs in line to the agents that have room: by priority, then by turn. Some places are kept for a
-- lower class than the most urgent there is. SKIP LOCKED: hubs never wait for each other.
-- $1 queue, $2 an agent for each place, $3 how many places are kept, $4 for which of the two lower classes, if it waits, else
-- for the other, $5 the least urgent priority
with kept as (
  select ctid as at from jobs
  where queue = $1 and turn is not null and priority = (
    select priority from (values ($4::smallint, 1), (3 - $4::smallint, 2)) as lower (priority, place)
    where priority > (select priority from jobs where queue = $1 and turn is not null order by priority, turn limit 1)
      and (select true from jobs where queue = $1 and priority = lower.priority and turn is not null order by turn limit 1)
    order by place limit 1)
  order by turn, id limit $3 for update skip locked
), urgent as (
  select ctid as at from jobs where queue = $1 and priority <= $5 and turn is not null
  order by priority, turn, id limit cardinality($2::uuid[]) for update skip locked
), picked as (
  select at, row_number() over (order by not was_kept, place) as place
  from (
    select at, true as was_kept, row_number() over () as place from kept
    union all
    select at, false, row_number() over () from urgent where at not in (select at from kept)
  ) as candidates
  order by not was_kept, place limit cardinality($2::uuid[])
), claimed as (
  update jobs
  set state = 'running', attempt = attempt + 1, agent_id = ($2::uuid[])[place], turn = null, started_at = (select hive_now())
  from picked where jobs.ctid = picked.at
  returning jobs.id, kind, project, attempt, agent_id, workflow_id, nullif(needs, '{}') as needs, place,
            extract(epoch from (select hive_now()) - run_at)::float8 as waited
), told as (
  insert into job_events (job_id, type, attempt, at, kind, project, agent_id)
  select id, 'started', attempt, (select hive_now()), kind, project, agent_id from claimed order by place
)
select id, kind, project, attempt, agent_id, workflow_id, needs, waited,
       (select data from job_events where job_id = claimed.id and type = 'accepted' limit 1) as accepted
from claimed order by place;

-- name: fence_outcomes
-- Of the attempts reported, those that are still the current ones; locked until the outcome is written. Their workflows
-- are taken before them, as by `lock_workflows_of`: most have none, and for that it need not be asked by itself.
-- $1 ids, $2 attempts, $3 whether the effects process reports (null: whoever may)
with taken as materialized (
  select id from workflows
  where id in (select coalesce(workflow_id, id) from jobs where id = any($1::uuid[]) and (workflow_id is not null or queue = ''))
  order by id for update
)
select job.*, (select data from job_events where job_id = job.id and type = 'accepted' limit 1) as accepted
from (select * from unnest($1::uuid[], $2::int[]) as told (id, attempt) order by id) as told
cross join lateral (
  select id, kind, project, attempt, priority, workflow_id, step from jobs
  where id = told.id and attempt = told.attempt and agent_id is not null
    and (queue = 'effects') = coalesce($3, queue = 'effects') and (select count(*) from taken) >= 0
  limit 1 for update
) as job;

-- name: succeed_jobs
-- As `finish_jobs`, for attempts that succeeded and that nothing follows: what happens most often.
-- $1 ids, $2 attempts, $3 results, $4 agents, $5 kinds that are left out, $6 whether the effects process reports (null:
-- whoever may)
with told as (
  select * from unnest($1::uuid[], $2::int[], $3::bytea[], $4::uuid[])
    with ordinality as told (id, attempt, result, agent, place)
), done as (
  update jobs
  set state = 'succeeded', error = null, error_class = null, agent_id = null, finished_at = (select hive_now())
  from (select * from told order by id) as told
  where jobs.id = told.id and jobs.attempt = told.attempt and state = 'running' and queue <> ''
    and workflow_id is null and kind <> all($5::text[])
    and (queue = 'effects') = coalesce($6, queue = 'effects')
  returning jobs.id, place, kind, project, jobs.attempt, agent, slot, result,
            extract(epoch from (select hive_now()) - started_at)::float8 as ran
), recorded as (
  insert into job_events (job_id, type, attempt, at, kind, project, agent_id, data)
  select id, 'succeeded', attempt, (select hive_now()), kind, project, agent, result from done order by place
)
select place, kind, project, slot, ran from done;

-- name: finish_jobs
-- Write how attempts ended, if they are still the current ones. A failure waits 2^failures seconds (at most 300), with
-- jitter; the last one is dead.
-- $1 ids, $2 attempts, $3 outcomes (succeeded, failed, snoozed, gave_up, refused), $4 results, $5 errors, $6 their
-- classes, $7 snooze seconds, $8 jitter (0.5 to 1), $9 agents, $10 whether the effects process reports (null: whoever may)
with told as (
  select * from unnest($1::uuid[], $2::int[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::float8[], $8::float8[],
                       $9::uuid[])
    with ordinality as told (id, attempt, outcome, result, error, error_class, snooze, jitter, agent, place)
), done as (
  update jobs
  set state = case
        when outcome = 'succeeded' then 'succeeded'
        when outcome in ('gave_up', 'refused') or (outcome = 'failed' and failures + 1 >= max_attempts) then 'dead'
        else 'queued' end,
      failures = failures + (outcome = 'failed')::int,
      error = told.error,
      error_class = told.error_class,
      agent_id = null,
      run_at = case
        when outcome = 'failed' and failures + 1 < max_attempts then (select hive_now())
          + make_interval(secs => round((least(300, power(2, least(failures, 9))) * jitter)::numeric, 3)::float8)
        when outcome = 'snoozed' then (select hive_now()) + make_interval(secs => snooze)
        else run_at end,
      finished_at = case
        when outcome in ('succeeded', 'gave_up', 'refused') or (outcome = 'failed' and failures + 1 >= max_attempts)
        then (select hive_now()) end
  from (select * from told order by id) as told
  where jobs.id = told.id and jobs.attempt = told.attempt and state = 'running' and queue <> ''
    and (queue = 'effects') = coalesce($10, queue = 'effects')
  returning jobs.id, kind, project, queue, jobs.attempt, state, failures, jobs.error, jobs.error_class, workflow_id, step,
            slot, outcome, result, agent, place, extract(epoch from (select hive_now()) - started_at)::float8 as ran, case outcome
              when 'failed' then round((least(300, power(2, least(failures - 1, 9))) * jitter)::numeric, 3)::float8
              when 'snoozed' then snooze end as delay
), recorded as (
  insert into job_events (job_id, type, attempt, message, at, kind, project, agent_id, error_class, data)
  select id, case state when 'queued' then case outcome when 'failed' then 'retry' else 'snoozed' end else state end,
         attempt, coalesce(error, ''), (select hive_now()), kind, project, agent, error_class,
         case state when 'succeeded' then result
                    when 'dead' then convert_to('{"cause":"' || outcome || '"}', 'UTF8')
                    else convert_to('{"delay_seconds":' || delay || '}', 'UTF8') end
  from done order by place
)
select id, kind, project, queue, attempt, state, error, workflow_id, step, slot, outcome, delay, ran, place
from done;

-- --- who works ---------------------------------------------------------------------------------------------------------

-- name: beat
-- Agents are alive: one row each, which leases all that they hold. What is wished of an agent's name binds it. Answers
-- with each agent's state now and what is wished of it; one that has ended stays so.
-- $1 ids, $2 names, $3 roles, $4 queues (comma-joined), $5 capacities, $6 states, $7 public keys, $8 lease seconds,
-- $9 how many may live: beyond, nobody new is heard
insert into agents (id, name, role, queues, capacity, state, public_key, leased_until)
select id, told.name, role,
       case when members.queues is null then string_to_array(told.queues, ',')
            else array(select unnest(string_to_array(told.queues, ',')) intersect select unnest(members.queues)) end,
       least(told.capacity, members.capacity),
       case when wanted <> 'work' then 'draining' when state = 'draining' then 'awake' else state end,
       public_key, (select hive_now()) + make_interval(secs => $8)
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bytea[])
  as told (id, name, role, queues, capacity, state, public_key)
left join members on members.name = told.name
where exists (select from agents where agents.id = told.id)
  or (select count(*) from agents where ended_at is null) < $9
order by id
on conflict (id) do update
set seen_at = (select hive_now()), capacity = excluded.capacity, queues = excluded.queues,
    leased_until = case when agents.ended_at is null then excluded.leased_until else agents.leased_until end,
    state = case when agents.ended_at is null then excluded.state else agents.state end
where agents.role = excluded.role
returning id, role, ended_at is not null as ended, xmax = 0 as is_new,
          coalesce((select wanted from members where members.name = agents.name), 'work') as wanted;

-- name: compare_held
-- What these agents hold by what is written and by what they say, where the two are not the same. What was handed to one at
-- least $6 seconds ago (or so much later than now, before the clock was set back) and it does not hold is lost if it has
-- heard of something later, else perhaps only late. What one holds and is not its any more has no asked_at.
-- $1 agents, $2 up to when each has heard; $3 agents, $4 ids held, $5 attempts (each of one length)
with theirs as (
  select jobs.id, attempt, jobs.agent_id, started_at, heard.at as heard_at
  from unnest($1::uuid[], $2::timestamptz[]) as heard (agent_id, at)
  cross join lateral (select * from jobs where jobs.agent_id = heard.agent_id offset 0) as jobs
)
select coalesce(theirs.agent_id, held.agent_id) as agent_id, coalesce(theirs.id, held.id) as id,
       coalesce(theirs.attempt, held.attempt) as attempt,
       case when theirs.id is not null then (select hive_now()) end as asked_at,
       coalesce(started_at < heard_at, false) or started_at > (select hive_now()) as is_lost
from theirs
full join unnest($3::uuid[], $4::uuid[], $5::int[]) as held (agent_id, id, attempt)
  on held.agent_id = theirs.agent_id and held.id = theirs.id and held.attempt = theirs.attempt
where theirs.id is null
  or held.id is null and started_at not between (select hive_now()) - make_interval(secs => $6)
                                            and (select hive_now()) + make_interval(secs => $6);

-- name: agents_of
-- Of these agents, those of the role. $1 ids, $2 role
select id from agents where id = any($1::uuid[]) and role = $2;

-- name: end_agents
-- These agents work no more. $1 ids, $2 state; who left and was to retire has retired
update agents
set ended_at = (select hive_now()),
    state = case when $2 = 'left' and exists (select from members where members.name = agents.name and wanted = 'retire')
                 then 'retired' else $2 end
where id = any($1::uuid[]) and ended_at is null
returning id, role;

-- name: now
select hive_now();

-- name: end_silent_agents
-- The lease of these agents ran out: so did that of everything they hold. One that is longer than a lease can be was
-- given before the clock was set back, and is made as long as it can be. $1 lease seconds
with shortened as (
  update agents set leased_until = (select hive_now()) + make_interval(secs => $1)
  where ended_at is null and leased_until > (select hive_now()) + make_interval(secs => $1)
)
update agents set state = 'lost', ended_at = (select hive_now())
where id in (select id from agents where ended_at is null and leased_until < (select hive_now()) for update skip locked)
returning id, role;

-- name: agents_ended_lately
-- $1 seconds ago at most
select id, role from agents where ended_at > (select hive_now()) - make_interval(secs => $1);

-- name: orphaned_agents
-- Agents that have ended, or that nobody knows, and to whom something was handed all the same.
select agent_id as id from (select distinct agent_id from jobs where agent_id is not null) as holders
where not exists (select from agents where agents.id = agent_id and ended_at is null);

-- name: give_back_jobs
-- What these agents held is to be done again. When they vanished ($2), the job may be why: it then runs alone, and the
-- third time it is dead. $1 agent ids, $2 whether they vanished, $3 the workflow of which alone it is, or null
with lost as (
  select id, agent_id, slot as ran_in from jobs where agent_id = any($1::uuid[]) and ($3::uuid is null or workflow_id = $3)
  order by id for update
)
update jobs
set state = case when $2 and crashes + 1 >= 3 then 'dead' else 'queued' end,
    crashes = crashes + $2::int,
    slot = case when $2 then 'suspects:' || queue else slot end,
    error = case when $2 then 'the agent vanished while it held the job' else 'the agent stopped' end,
    error_class = case when $2 then 'AgentVanished' end,
    agent_id = null, run_at = (select hive_now()),
    finished_at = case when $2 and crashes + 1 >= 3 then (select hive_now()) end
from lost where jobs.id = lost.id
returning jobs.id, kind, project, queue, attempt, state, error, error_class, workflow_id, slot, ran_in, lost.agent_id;

-- name: take_back_jobs
-- Handed out, but never arrived. $1 ids, $2 seconds ago
with unheld as (
  select id, agent_id from jobs
  where id = any($1::uuid[]) and agent_id is not null
    and started_at not between (select hive_now()) - make_interval(secs => $2) and (select hive_now()) + make_interval(secs => $2)
  order by id for update skip locked
)
update jobs
set state = 'queued', agent_id = null, run_at = (select hive_now()), error = 'handed out, but it did not arrive', error_class = 'Lost'
from unheld where jobs.id = unheld.id
returning jobs.id, kind, project, queue, attempt, state, error, error_class, slot, workflow_id, unheld.agent_id;

-- name: members
-- Who works, and how much more of which queues each takes. Who is draining takes none, whatever ends there; nor does who is
-- silent, but until it is given up it is told what was handed to it before.
select id, role, capacity,
       case when state = 'draining' or leased_until <= (select hive_now()) then '{}' else queues end as queues,
       capacity - coalesce(held.jobs, 0)::int as free
from agents
left join (select agent_id, count(*) as jobs from jobs where agent_id is not null group by agent_id) as held on agent_id = id
where ended_at is null;

-- name: wake_hubs
-- $1 what they are to look at again
select pg_notify('hive_wakeups', $1);

-- name: forget_agents
-- $1 seconds since they ended
delete from agents where ended_at < (select hive_now()) - make_interval(secs => $1);

-- --- the line ----------------------------------------------------------------------------------------------------------

-- name: due_jobs
-- What may start now and is not in line yet. $1 at most
select id, slot from jobs
where state = 'queued' and turn is null and not held and run_at <= (select hive_now())
order by run_at limit $1 for update skip locked;

-- name: next_due
-- Seconds until something is due; null when nothing waits.
select extract(epoch from min(run_at) - (select hive_now()))::float8
from jobs where state = 'queued' and turn is null and not held;

-- name: line_up
-- Due jobs join the line: at its front, or fairly behind what their project has there already. $1 ids, $2 at the front
with due as (
  select id, queue, priority, project, row_number() over (partition by queue, priority, project order by run_at, id) as nth
  from jobs where id = any($1::uuid[]) and state = 'queued' and turn is null and not held
), counted as (
  select queue, priority, project, count(*) as jobs from due group by queue, priority, project
), lines as (
  select queue, priority, coalesce(
    (select turn from jobs where jobs.queue = line.queue and jobs.priority = line.priority and turn is not null
     order by turn limit 1),
    (select last_turn from shares where shares.queue = line.queue and shares.priority = line.priority
     order by last_turn desc limit 1), 0) as turn
  from (select distinct queue, priority from counted) as line
), shared as (
  insert into shares (queue, priority, project, last_turn)
  select queue, priority, project, turn + jobs from counted join lines using (queue, priority)
  where not $2
  order by queue, priority, project
  on conflict (queue, priority, project) do update
  set used_at = (select hive_now()), last_turn = greatest(excluded.last_turn, shares.last_turn + (
    select jobs from counted
    where (queue, priority, project) = (excluded.queue, excluded.priority, excluded.project)))
  returning queue, priority, project, last_turn
)
update jobs
set turn = case when $2 then lines.turn - 1 else shared.last_turn - counted.jobs + due.nth end
from due join counted using (queue, priority, project) join lines using (queue, priority)
  left join shared using (queue, priority, project)
where jobs.id = due.id
returning jobs.queue;

-- name: hold_jobs
-- Due, but under a limit: `line.py` lets them in. $1 ids
update jobs set held = true where id = any($1::uuid[]) and state = 'queued' and slot is not null and not held;

-- name: lock_slots
-- Hubs that let jobs in under one limit take turns. $1 slots, in order
select pg_advisory_xact_lock(hashtextextended(slot, 0)) from unnest($1::text[]) as slot;

-- name: held_candidates
-- Who may be let in next: of every project and class the first ones, with how many have been let in of the project and in
-- all. What runs alone counts, too. $1 slot, $2 how many in all, $3 how many of a project, $4 the slot of those who run alone
with admitted as (
  select project, count(*)::int as jobs from jobs
  where (slot = $1 or slot = $4 and kind = $1) and (turn is not null or agent_id is not null) group by project
), whole as (
  select coalesce(sum(jobs), 0)::int as jobs from admitted
)
select candidate.id, waiting.project, waiting.priority, coalesce(last_turn, 0) + candidate.nth as turn,
       coalesce(admitted.jobs, 0) as of_project, whole.jobs as in_all
from (select distinct project, priority from jobs where held and slot = $1) as waiting
cross join whole
left join admitted using (project)
cross join lateral (
  select id, queue, row_number() over (order by id) as nth
  from jobs where held and slot = $1 and jobs.project = waiting.project and jobs.priority = waiting.priority
  order by id
  limit least(greatest(0, coalesce($2::int, 1000) - case when $2::int is null then 0 else whole.jobs end),
              greatest(0, coalesce($3::int, 1000) - case when $3::int is null then 0 else coalesce(admitted.jobs, 0) end))
) as candidate
left join shares
  on (shares.queue, shares.priority, shares.project) = (candidate.queue, waiting.priority, waiting.project);

-- name: admit_held
-- $1 ids
update jobs set held = false where id = any($1::uuid[]) and held returning id;

-- name: counted_places
-- How many places under a limit were given while somebody less urgent waited, of projects and ('') of the whole.
-- $1 slot, $2 projects
select project, last_turn::bigint as places from shares
where queue = 'limit:' || $1 and priority = 0 and project = any($2::text[]);

-- name: count_places
-- $1 slot, $2 projects, $3 how many
insert into shares (queue, priority, project, last_turn)
select 'limit:' || $1, 0, project, places from unnest($2::text[], $3::bigint[]) as counted (project, places) order by project
on conflict (queue, priority, project) do update set used_at = (select hive_now()), last_turn = excluded.last_turn;

-- name: admit_suspect
-- The most urgent of those who run alone, if nobody does and the limit of its kind has room for it.
-- $1 slot, $2 kinds that have a limit, $3 how many in all of each or null, $4 how many of a project or null
update jobs set held = false
where id = (
  select suspect.id
  from jobs as suspect
  left join unnest($2::text[], $3::int[], $4::int[]) as own (kind, in_all, of_project) using (kind)
  cross join lateral (
    select count(*) as in_all, count(*) filter (where project = suspect.project) as of_project
    from jobs where slot = suspect.kind and (turn is not null or agent_id is not null)
  ) as admitted
  where suspect.held and suspect.slot = $1
    and not exists (select from jobs where slot = $1 and (turn is not null or agent_id is not null))
    and (own.in_all is null or admitted.in_all < own.in_all)
    and (own.of_project is null or admitted.of_project < own.of_project)
  order by suspect.priority, suspect.id limit 1)
returning id;

-- name: held_slots
select distinct slot from jobs where held;

-- name: expire_jobs
-- They did not start in time; what has started once and is to be tried again did. $1 at most
with late as (
  select id from jobs where expires_at < (select hive_now()) and state in ('waiting', 'queued') and attempt = 0
  order by expires_at limit $1 for update skip locked
)
update jobs
set state = 'cancelled', finished_at = (select hive_now()), turn = null, held = false, error = 'not started within its time to live'
from late where jobs.id = late.id
returning jobs.id, kind, project, queue, attempt, slot, workflow_id, error, error_class, null::uuid as agent_id;

-- name: expire_workflows
-- None of their steps started in time. A workflow takes its steps along. $1 at most
with late as (
  select workflows.id from workflows join jobs using (id)
  where expires_at < (select hive_now()) and jobs.state = 'running' and jobs.queue = ''
    and not exists (select from jobs as step where step.workflow_id = workflows.id and step.attempt > 0)
  order by expires_at limit $1 for update of workflows skip locked
), live as (
  select id, agent_id from jobs
  where (id = any(array(select id from late)) or workflow_id = any(array(select id from late)))
    and state in ('waiting', 'queued', 'running')
  order by id for update
)
update jobs
set state = 'cancelled', finished_at = (select hive_now()), agent_id = null, turn = null, held = false,
    error = 'not started within its time to live'
from live where jobs.id = live.id
returning jobs.id, kind, project, queue, attempt, slot, workflow_id, error, error_class, live.agent_id;

-- name: end_overdue_jobs
-- They did not end in time. Workflows have a way of their own to end. $1 at most
with late as (
  select id, agent_id from jobs
  where deadline_at < (select hive_now()) and state in ('waiting', 'queued', 'running') and queue <> ''
  order by deadline_at limit $1 for update skip locked
)
update jobs
set state = 'dead', finished_at = (select hive_now()), agent_id = null, turn = null, held = false,
    error = 'not finished by its deadline', error_class = 'DeadlineExceeded'
from late where jobs.id = late.id
returning jobs.id, kind, project, queue, attempt, state, slot, workflow_id, error, error_class, late.agent_id;

-- --- dead letters --------------------------------------------------------------------------------------------------------

-- name: retry_dead
-- A person gives dead jobs another full set of attempts; not those whose key is live again. None is a suspect any more, so
-- the limit of its kind is its own again. Steps are revived with their workflow. $1 ids, $2 kinds that have a limit
with dead as (
  select distinct on (kind, coalesce(key, id::text)) id from jobs
  where id = any($1::uuid[]) and state = 'dead' and queue <> '' and workflow_id is null and not exists (
    select from jobs as live
    where live.kind = jobs.kind and live.key = jobs.key and live.state in ('waiting', 'queued', 'running'))
  order by kind, coalesce(key, id::text), id desc
)
update jobs
set state = 'queued', failures = 0, crashes = 0, error = null, error_class = null, finished_at = null, run_at = (select hive_now()),
    deadline_at = null, expires_at = null,
    slot = case when slot like 'suspects:%' then case when kind = any($2::text[]) then kind end else slot end
where id in (select id from dead) and state = 'dead'
returning id, kind, project, queue, attempt, slot;

-- name: discard_dead
-- A workflow's dead steps rest with it. $1 ids, $2 who did it
update jobs set state = 'cancelled', error = coalesce(error, '') || ' (discarded by ' || $2 || ')'
where (id = any($1::uuid[]) or workflow_id = any($1::uuid[])) and state = 'dead'
returning id, kind, project, queue, attempt, workflow_id, error, error_class;

-- name: append_events
-- $1 job ids, $2 types, $3 attempts, $4 messages, $5 kinds, $6 projects, $7 who, $8 agents, $9 error classes, $10 data
insert into job_events (job_id, type, attempt, message, at, kind, project, actor, agent_id, error_class, data)
select id, type, attempt, message, (select hive_now()), kind, project, actor, agent_id, error_class, data
from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[],
            $10::bytea[])
  with ordinality as told (id, type, attempt, message, kind, project, actor, agent_id, error_class, data, place)
order by place;

-- --- retention -----------------------------------------------------------------------------------------------------------

-- name: delete_finished
-- Finished jobs leave the hot table: interactive ones, and those of the kinds $3, after $1 seconds, the others after $2;
-- steps go with their workflow, but not while one of them is a dead letter; what an editor that was closed waits for stays.
-- Their failures are kept by the hour, and how far events were let go.
with old as (
  select id from jobs
  where finished_at is not null and workflow_id is null and state <> 'dead'
    and finished_at < (select hive_now()) - make_interval(secs => case when priority = 0 or kind = any($3::text[]) then $1::float8 else $2::float8 end)
    and not exists (select from awaited_results where awaited_results.job_id = jobs.id)
    and (queue <> '' or not exists (select from jobs as step where step.workflow_id = jobs.id and step.state = 'dead'))
  order by finished_at limit 5000 for update skip locked
), gone as (
  delete from jobs
  where id = any(array(select id from old)) or workflow_id = any(array(select id from old)) returning id
), events as (
  delete from job_events where job_id in (select id from gone)
  returning seq, at, type, kind, project, error_class, agent_id
), forgotten as (
  update forgotten_events set seq = last.seq from (select max(seq) as seq from events) as last
  where last.seq > forgotten_events.seq
), failures as (
  insert into past_failures (began_at, type, kind, project, error_class, agent_id, failures)
  select date_trunc('hour', at, 'UTC'), type, kind, project, error_class, agent_id, count(*)
  from events where type in ('retry', 'crashed', 'lost', 'dead')
  group by date_trunc('hour', at, 'UTC'), type, kind, project, error_class, agent_id
)
select count(*) from gone;

-- name: forget_failures
-- $1 seconds since
delete from past_failures where began_at < (select hive_now()) - make_interval(secs => $1);

-- name: forget_keys
delete from taken_keys where until < (select hive_now());

-- name: forget_shares
-- $1 seconds of no use
delete from shares where used_at < (select hive_now()) - make_interval(secs => $1);
