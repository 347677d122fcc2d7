-- $1 ids · $2 queue · $3 at
-- Of those whose worker vanished twice, only one at a time, and none while another runs: a job that kills its workers then
-- kills alone, and its neighbours, which were in the same hands, do not follow it to the dead letters (R-JOB-3). Those that
-- vanished least come first: workers that something else kills, one after the other, do not end one and the same job.
-- The jobs are named: that the index of what waits is not read for them, however many wait, `state` is compared as a text.
select j.id, j.kind, greatest(j.run_at, timestamptz '0001-01-02 00:00:00Z') as run_at, j.attempt, j.traceparent
  from relink.jobs j
 where j.id = any ($1) and j.state::text = 'waiting' and j.run_at <= $3
   and not exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                                  p_account => j.account_id, p_started => j.attempt > j.redriven,
                                                  p_job => j.id, p_at => $3))
   and not exists (
       select from relink.jobs r
        where r.state = 'leased' and r.queue = $2 and r.failures > 1
          and 1 < (select count(*) from relink.job_failures f where f.job_id = r.id and f.fault = 'vanished'))
 order by j.failures, j.run_at, j.id
 limit 1
