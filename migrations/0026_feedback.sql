-- Feedback: what people showed of a finding on a pull request without deciding about it. A decision is a finding_event.

create table finding_feedback (
  project text not null check (project <> ''),
  fingerprint text not null,
  kind text not null check (kind in ('liked', 'disliked', 'resolved', 'applied')),
  by text not null,                     -- '' where GitHub does not say whose commit it was
  place text not null check (place <> ''),
  rule text not null,                   -- kept here, because findings that are fixed leave
  at timestamptz not null default hive_now(),
  primary key (project, fingerprint, kind, by, place)
);

create index finding_feedback_of_rule on finding_feedback (rule, kind);
create index finding_feedback_of_place on finding_feedback (project, place);
