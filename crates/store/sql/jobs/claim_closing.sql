-- $1 jobs · $2 kind · $3 version_max · $4 at
-- A set-based job is claimed by closing it in the transaction of its effect: rolled back, it was never claimed.
-- Only a first attempt may be run so; what failed or crashed before is leased first (claim_leasing), alone.
-- Before the first row is taken it remembers what it could see (paused_since), and takes a lock that shows, as long as the
-- transaction lasts, that something of this kind is being done (pauses/sets). Then it waits for nobody: a row that is locked
-- is another set's, and ends this claim, which is made anew of what is free (claim_closing_free).
-- The jobs are named: that the index of what waits is not read for them, however many wait, `state` is compared as a text.
update relink.jobs j
   set state = 'done', attempt = 1, finished_at = $4
 where j.id = any ($1) and j.kind = $2 and j.version between 1 and $3
   and j.state::text = 'waiting' and j.attempt = 0 and j.run_at <= $4
   and not exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                                  p_account => j.account_id, p_started => false, p_job => j.id, p_at => $4))
   and (select set_config('relink.claimed_by', pg_current_snapshot()::text, true)
               || pg_advisory_xact_lock_shared(7266, hashtext($2))::text
               || set_config('lock_timeout', '20ms', true)) is not null
returning j.id, j.version, j.workspace_id, j.account_id, j.schedule, j.payload, j.attempt, j.failures, j.created_at, j.run_at, j.traceparent
