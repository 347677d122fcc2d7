-- Waiting jobs of each queue: how many are due, due later, or covered by a pause; since when the oldest due ones wait;
-- and those that a worker left since before $2. The pauses are taken together first: this reads every waiting job,
-- and so looks at them more coarsely than pauses_over: what a pause of mode `drain` or a ramp lets go counts as paused.
with held as materialized (
    select coalesce(bool_or(p.scope = 'everything'), false) as everything,
           coalesce(array_agg(p.target) filter (where p.scope = 'queue'), '{}') as queues,
           coalesce(array_agg(p.target) filter (where p.scope = 'kind'), '{}') as kinds,
           coalesce(array_agg(p.target) filter (where p.scope in ('workspace', 'account')), '{}') as owners
      from relink.pauses p
     where p.lifted_at is null and (p.ends_at is null or p.ends_at > $1)
), waiting as (
    select j.queue, j.run_at, j.left_at,
           (select everything from held) or j.queue = any ((select queues from held)::text[])
               or j.kind = any ((select kinds from held)::text[])
               or ((select cardinality(owners) > 0 from held)
                   and (j.workspace_id::text = any ((select owners from held)::text[])
                        or j.account_id::text = any ((select owners from held)::text[]))) as is_paused
      from relink.jobs j
     where j.state = 'waiting'
)
select queue,
       count(*) filter (where run_at <= $1 and is_paused is not true) as due,
       count(*) filter (where run_at > $1 and is_paused is not true) as scheduled,
       count(*) filter (where is_paused) as paused,
       min(run_at) filter (where run_at <= $1 and is_paused is not true and isfinite(run_at)) as oldest_due,
       min(run_at) filter (where run_at <= $1 and is_paused and isfinite(run_at)) as oldest_paused,
       count(*) filter (where left_at < $2) as left_behind
  from waiting
 group by queue
