select queue, count(*) filter (where state = 'waiting' and run_at <= $1) as due,
       count(*) filter (where state = 'leased') as running,
       extract(epoch from $1 - min(run_at) filter (where state = 'waiting' and run_at <= $1))::float8 as oldest_s
  from relink.jobs where state in ('waiting', 'leased')
 group by queue order by queue
