-- Counts a share of run $1 as applied; how many are left.
update relink.watch_runs set apply_jobs_left = apply_jobs_left - 1 where slot = $1 returning apply_jobs_left
