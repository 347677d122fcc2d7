-- The oldest due jobs of a queue, at most $3 for each workspace (R-JOB-6). Workspaces with waiting jobs are found by
-- hopping over the index, so a flood of one costs the others nothing. Of those whose worker vanished twice, only one
-- at a time, and none while another runs: a job that kills its workers then kills alone, and its neighbours, which
-- were in the same hands, do not follow it to the dead letters (R-JOB-3).
with recursive tenants as (
    (select workspace_id from relink.jobs
      where queue = $1 and state = 'waiting' order by workspace_id limit 1)
    union all
    select (select j.workspace_id from relink.jobs j
             where j.queue = $1 and j.state = 'waiting' and j.workspace_id > t.workspace_id
             order by j.workspace_id limit 1)
      from tenants t where t.workspace_id is not null
), due as materialized (
    select j.*
      from tenants t
     cross join lateral (
        select j.id, j.kind, j.attempt, j.run_at, j.traceparent,
               j.failures > 1 and 1 < (select count(*) from relink.job_failures f
                                        where f.job_id = j.id and f.fault = 'vanished') as is_suspect
          from relink.jobs j
         where j.queue = $1 and j.workspace_id = t.workspace_id and j.state = 'waiting' and j.run_at <= $2
           and not exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                                          p_account => j.account_id, p_started => j.attempt > j.redriven,
                                                          p_job => j.id, p_at => $2))
         order by j.run_at, j.id
         limit $3) j
     where t.workspace_id is not null
       -- What is held as a whole is not read row by row.
       and not exists (select from relink.pauses_over(p_queue => $1, p_kind => null, p_workspace => t.workspace_id,
                                                      p_account => null, p_started => true, p_job => null, p_at => $2))
)
select d.id, d.kind, d.run_at, d.attempt, d.attempt > 0 as careful, d.traceparent
  from due d
 where not d.is_suspect
    or (d.id = (select s.id from due s where s.is_suspect order by s.run_at, s.id limit 1)
        and not exists (
            select from relink.jobs r
             where r.state = 'leased' and r.queue = $1 and r.failures > 1
               and 1 < (select count(*) from relink.job_failures f where f.job_id = r.id and f.fault = 'vanished')))
 order by d.run_at, d.id
