-- Where schedules stand: whether a run is unfinished, and whether a pause holds it back, which is nobody's trouble (R-Q-5).
-- A run has a job for each range of shards, so a thousand of them tell.
select s.name, s.last_slot, s.skips,
       exists (select from relink.jobs j
                where j.schedule = s.name and j.state in ('waiting', 'leased')) as is_open,
       exists (select from (select o.queue, o.kind, o.workspace_id, o.account_id, o.attempt, o.redriven, o.id
                              from relink.jobs o
                             where o.schedule = s.name and o.state = 'waiting' limit 1000) j
                where exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind,
                                                             p_workspace => j.workspace_id, p_account => j.account_id,
                                                             p_started => j.attempt > j.redriven, p_job => j.id, p_at => $2))) as is_held
  from relink.schedules s
 where s.name = any ($1)
 order by s.name
