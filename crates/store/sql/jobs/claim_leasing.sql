-- $1 jobs · $2 kind · $3 version_max · $4 at · $5 until · $6 worker
-- The attempt number is the fence: every later write of this run says `and attempt = $n`. A row that is locked is somebody's
-- already: a set that closes it may last for minutes, and a pause waits for this claim.
-- The jobs are named: that the index of what waits is not read for them, however many wait, `state` is compared as a text.
with free as materialized (
    select j.id
      from relink.jobs j
     where j.id = any ($1) and j.kind = $2 and j.version between 1 and $3
       and j.state::text = 'waiting' and j.run_at <= $4
       and not exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                                      p_account => j.account_id, p_started => j.attempt > j.redriven,
                                                      p_job => j.id, p_at => $4))
       for no key update skip locked
)
update relink.jobs j
   set state = 'leased', attempt = j.attempt + 1, leased_until = $5, leased_by = $6
  from free f
 where j.id = f.id and j.state::text = 'waiting'
returning j.id, j.version, j.workspace_id, j.account_id, j.schedule, j.payload, j.attempt, j.failures, j.created_at, j.run_at, j.traceparent
