update relink.watch_runs set shard_jobs_left = shard_jobs_left - $2 where slot = $1 returning shard_jobs_left
