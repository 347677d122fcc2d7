-- Which of some jobs a pause keeps from starting at $2.
select j.id
  from relink.jobs j
 where j.id = any ($1)
   and exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                              p_account => j.account_id, p_started => j.attempt > j.redriven,
                                              p_job => j.id, p_at => $2))
