-- How far ($2, ms) the provider's clock was ahead of ours when run $1 listed.
update relink.watch_runs set clock_lead_ms = $2 where slot = $1
