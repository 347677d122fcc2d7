-- The relay looks at lanes: the waiting jobs of one kind of one workspace (R-JOB-6). The index that it hops over has the
-- kind, so that a lane is found, and a paused one stepped over, without reading its rows. Made beside the old one, whose
-- place it takes: builds of before read it too, and sort what it no longer sorts for them.
create index jobs_waiting_lanes on relink.jobs (queue, workspace_id, kind, run_at, id) where state = 'waiting';
drop index relink.jobs_waiting;
alter index relink.jobs_waiting_lanes rename to jobs_waiting;
