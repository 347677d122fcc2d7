-- $1 slot · $2 outcome · $3 note · $4 at
update relink.watch_runs set outcome = $2, note = $3, finished_at = $4 where slot = $1 and outcome is null
