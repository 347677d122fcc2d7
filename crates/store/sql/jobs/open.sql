-- Which of some jobs are not over: waiting, since when, for which attempt; or in somebody's hands.
select id, state = 'waiting' as is_waiting, attempt,
       least(greatest(run_at, timestamptz '0001-01-02 00:00:00Z'), timestamptz '9999-01-01 00:00:00Z') as run_at
  from relink.jobs
 where id = any ($1) and state in ('waiting', 'leased')
