-- R-CAM-7: how far behind its place in line a step may go without a person's word.
alter table relink.campaigns
    add column max_lateness interval not null default interval '14 days' check (max_lateness > interval '0');
-- Since when an enrollment is later than its campaign allows, and waits for a person; null: it is not.
alter table relink.enrollments add column if not exists overdue_since timestamptz;

grant update (overdue_since) on relink.enrollments to relink_worker;
