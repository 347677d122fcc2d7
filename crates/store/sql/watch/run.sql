select started_at, listed_at, sessions, outcome from relink.watch_runs where slot = $1
