insert into relink.watch_runs (slot, started_at) values ($1, $2) on conflict (slot) do nothing
