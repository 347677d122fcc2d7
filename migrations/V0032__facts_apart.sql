-- Two facts in two columns each, where one column held both.

-- Until when a step must not be tried again; null: it may at once. The place in line stays `due_at`.
alter table relink.enrollments add column not_before timestamptz;

-- Whom a failure of a send speaks of (R-CAP-8); null where it went well, and until the call has ended.
alter table relink.sends add column blame text
    check (blame in ('account', 'campaign', 'prospect', 'us', 'provider', 'unknown'));
