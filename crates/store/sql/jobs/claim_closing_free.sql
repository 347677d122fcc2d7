-- $1 jobs · $2 kind · $3 version_max · $4 at
-- As claim_closing, of the rows that nobody has locked: another set's are not waited for. Each row is written twice for it.
-- The jobs are named: that the index of what waits is not read for them, however many wait, `state` is compared as a text.
with free as materialized (
    select j.id
      from relink.jobs j
     where j.id = any ($1) and j.kind = $2 and j.version between 1 and $3
       and j.state::text = 'waiting' and j.attempt = 0 and j.run_at <= $4
       and not exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                                      p_account => j.account_id, p_started => false, p_job => j.id, p_at => $4))
       and (select set_config('relink.claimed_by', pg_current_snapshot()::text, true)
                   || pg_advisory_xact_lock_shared(7266, hashtext($2))::text) is not null
       for no key update skip locked
)
update relink.jobs j
   set state = 'done', attempt = 1, finished_at = $4
  from free f
 where j.id = f.id and j.state::text = 'waiting' and j.attempt = 0
returning j.id, j.version, j.workspace_id, j.account_id, j.schedule, j.payload, j.attempt, j.failures, j.created_at, j.run_at, j.traceparent
