-- The record is append-only. Retention lets events go with the job whose they are; how far is remembered, so that whoever
-- follows them knows whether any were missed.

create table forgotten_events (
  single boolean primary key default true check (single),
  seq bigint not null                  -- after this number no event is missing
);
insert into forgotten_events (seq) values (0);

create function refuse_to_change_events() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger job_events_are_append_only
  before update or truncate on job_events for each statement execute function refuse_to_change_events();
create trigger workflow_events_are_append_only
  before update or truncate on workflow_events for each statement execute function refuse_to_change_events();

create function note_forgotten_events() returns trigger language plpgsql as $$
begin
  if exists (select from gone join jobs on jobs.id = gone.job_id) then
    raise exception 'events stay as long as their job' using errcode = 'insufficient_privilege';
  end if;
  update forgotten_events set seq = (select max(seq) from gone) where seq < (select max(seq) from gone);
  return null;
end
$$;

create trigger job_events_are_forgotten
  after delete on job_events referencing old table as gone
  for each statement execute function note_forgotten_events();
