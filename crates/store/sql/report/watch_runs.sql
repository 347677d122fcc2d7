-- $1 since
-- Runs of the status watch that began since then. For small fleets.
select started_at, finished_at, coalesce(outcome = 'applied', false) as is_applied from relink.watch_runs
 where started_at >= $1 order by started_at
