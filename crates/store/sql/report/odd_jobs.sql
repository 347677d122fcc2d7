-- $1 lost_before · $2 limit
-- Jobs that failed for good, and those that are lost as `report/totals` counts them, the oldest first. For small fleets.
select j.kind, j.cause, j.state::text as state, j.run_at, j.attempt::integer as attempt, f.error
  from relink.jobs j
  left join lateral (select l.error from relink.job_failures l where l.job_id = j.id order by l.at desc limit 1) f on true
 where j.state = 'dead'
    or (j.state = 'waiting' and greatest(j.run_at, j.created_at) < $1::timestamptz and j.left_at is null
        and not exists (select from relink.pauses p where p.lifted_at is null))
    or (j.state = 'leased' and j.leased_until < $1::timestamptz)
 order by j.run_at, j.id
 limit $2
