-- The record is append-only. Only retention lets events go, with the job whose they are; how far is remembered, so that
-- whoever follows them knows whether any were missed.

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
