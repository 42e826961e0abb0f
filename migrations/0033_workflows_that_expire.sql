-- A workflow has its time to live as any job has it: it is over when none of its steps started by then.
create index jobs_expiring_workflows on jobs (expires_at) where expires_at is not null and state = 'running' and queue = '';
