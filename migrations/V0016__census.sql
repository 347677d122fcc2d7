-- What the census of the metrics reads every few seconds, without reading whole tables for it.

-- When a job of each schedule last ended well.
create index jobs_done_of_schedule on relink.jobs (schedule, finished_at)
    where schedule is not null and state = 'done';
-- Cases of the last day, by their verdict.
create index cases_closed on relink.cases (closed_at) where closed_at is not null;

-- The gates, as far as the whole fleet goes. The function reads, takes no lock and changes nothing.
grant execute on function relink.removal_gates(uuid, boolean, text[]) to relink_scheduler;
