-- Which of some jobs are not over: waiting, since when, for which attempt; or in somebody's hands.
-- The jobs are named: that the index of what waits is not read for them, however many wait, `state` is compared as a text.
select id, state = 'waiting' as is_waiting, attempt,
       least(greatest(run_at, timestamptz '0001-01-02 00:00:00Z'), timestamptz '9999-01-01 00:00:00Z') as run_at
  from relink.jobs
 where id = any ($1) and state::text in ('waiting', 'leased')
