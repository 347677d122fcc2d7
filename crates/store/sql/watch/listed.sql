update relink.watch_runs
   set listed_at = $2, shard_jobs = $3, shard_jobs_left = $3,
       sessions = (select count(*) from relink.sessions_seen s where s.slot = $1)
 where slot = $1 and listed_at is null
