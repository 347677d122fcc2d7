-- $1 slot · $2 watched · $3 shares
update relink.watch_runs set watched = $2, apply_jobs_left = $3 where slot = $1
