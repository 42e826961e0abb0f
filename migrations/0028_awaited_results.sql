-- Jobs for whose result an editor waits, so that it comes also after the editor was closed, or the hub restarted.

create table awaited_results (
  job_id uuid primary key,
  principal text not null,                  -- whose key asked
  editor text not null check (editor <> ''),  -- which of their editors, by the name that it gives itself
  kind text not null,
  uri text not null,                        -- the document it is about
  digest text not null,                     -- of that document's text when it was asked, SHA-256
  asked_at timestamptz not null default hive_now()
);
create index awaited_results_editor on awaited_results (principal, editor, asked_at);
