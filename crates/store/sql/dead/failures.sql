select f.attempt, f.at, f.fault, f.error, f.retry_at, f.worker
  from relink.job_failures f where f.job_id = $1 order by f.at, f.attempt
