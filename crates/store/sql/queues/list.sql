-- What waits, runs, failed and was done since $2, by queue and kind.
with open as (
    select j.queue, j.kind, j.state, j.run_at, j.failures,
           j.state = 'waiting' and exists (
               select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind, p_workspace => j.workspace_id,
                                              p_account => j.account_id, p_started => j.attempt > j.redriven, p_job => j.id,
                                              p_at => $1))
               as is_paused
      from (select queue, kind, state, run_at, failures, workspace_id, account_id, attempt, redriven, id
              from relink.jobs where state = 'waiting'
            union all
            select queue, kind, state, run_at, failures, workspace_id, account_id, attempt, redriven, id
              from relink.jobs where state = 'leased') j
), seen as (
    select o.queue, o.kind,
           count(*) filter (where o.state = 'waiting' and not o.is_paused and o.run_at <= $1) as due,
           count(*) filter (where o.state = 'waiting' and not o.is_paused and o.run_at > $1) as later,
           count(*) filter (where o.is_paused) as paused,
           count(*) filter (where o.state = 'leased') as running,
           count(*) filter (where o.state = 'waiting' and o.failures > 0) as failed,
           min(o.run_at) filter (where o.state = 'waiting' and not o.is_paused and o.run_at <= $1) as oldest,
           0::bigint as dead, 0::bigint as done
      from open o group by o.queue, o.kind
    union all
    select d.queue, d.kind, 0, 0, 0, 0, 0, null, count(*), 0 from relink.jobs d where d.state = 'dead' group by d.queue, d.kind
    union all
    select f.queue, f.kind, 0, 0, 0, 0, 0, null, 0, count(*) from relink.jobs f
     where f.finished_at > $2 and f.state = 'done' group by f.queue, f.kind
)
select s.queue, s.kind, sum(s.due)::bigint as due, sum(s.later)::bigint as later, sum(s.paused)::bigint as paused,
       sum(s.running)::bigint as running, sum(s.failed)::bigint as failed, sum(s.dead)::bigint as dead,
       sum(s.done)::bigint as done, extract(epoch from $1 - min(s.oldest))::float8 as oldest_s
  from seen s group by s.queue, s.kind order by s.queue, s.kind
