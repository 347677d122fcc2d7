-- Jobs that run, and dead letters, of each queue.
select queue, count(*) filter (where state = 'leased') as running, count(*) filter (where state = 'dead') as dead
  from relink.jobs
 where state = 'leased' or state = 'dead'
 group by queue
