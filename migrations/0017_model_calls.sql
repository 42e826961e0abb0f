-- What jobs asked of a model and of their tools. The columns are for sums and outlive the job; what was said is sealed
-- with a key that is not here, and goes earlier.

create table model_calls (
  job_id uuid not null,                    -- no foreign key: jobs leave sooner
  attempt integer not null check (attempt >= 1),
  number integer not null check (number >= 1),  -- within the attempt, in the order in which calls ended
  project text not null,
  kind text not null,                      -- of the job
  what text not null check (what in ('model', 'tool')),
  name text not null,                      -- of the model or the tool
  seconds float8 not null,
  input_tokens bigint not null default 0 check (input_tokens >= 0),  -- neither read from the cache nor written to it
  output_tokens bigint not null default 0 check (output_tokens >= 0),
  cache_read_tokens bigint not null default 0 check (cache_read_tokens >= 0),
  cache_write_tokens bigint not null default 0 check (cache_write_tokens >= 0),
  cost_microdollars bigint not null default 0 check (cost_microdollars >= 0),
  error text not null default '',          -- '' when it went well
  sealed bytea,                            -- the record; null once it was forgotten
  at timestamptz not null default hive_now(),
  primary key (job_id, attempt, number)
);

create index model_calls_by_day on model_calls (at) include (project, cost_microdollars) where what = 'model';
create index model_calls_sealed on model_calls (at) where sealed is not null;
