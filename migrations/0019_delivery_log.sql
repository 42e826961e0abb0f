-- How far GitHub's own log of deliveries was looked through for those that never came.

create table delivery_log (
  single boolean primary key default true check (single),
  looked_until timestamptz not null,   -- every delivery that GitHub made before was looked at
  wait_until timestamptz               -- GitHub asked to be left alone until then
);
