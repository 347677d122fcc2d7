-- When the next waiting job of a queue comes due after $2; or when more may start because a pause ends or a ramp rises,
-- which is looked at fifty times in a ramp, at most ten times a second of the machine.
with recursive tenants as (
    (select workspace_id from relink.jobs
      where queue = $1 and state = 'waiting' order by workspace_id limit 1)
    union all
    select (select j.workspace_id from relink.jobs j
             where j.queue = $1 and j.state = 'waiting' and j.workspace_id > t.workspace_id
             order by j.workspace_id limit 1)
      from tenants t where t.workspace_id is not null
)
select min(at) as next_due
  from (select j.run_at as at
          from tenants t
         cross join lateral (
            select j.run_at from relink.jobs j
             where j.queue = $1 and j.workspace_id = t.workspace_id and j.state = 'waiting' and j.run_at > $2
             order by j.run_at limit 1) j
         where t.workspace_id is not null
        union all
        select case when p.lifted_at is null then p.over_at
                    else $2 + greatest((p.ramp_until - p.lifted_at) / 50, make_interval(secs => 0.1 * relink.clock_rate())) end
          from relink.pauses p
         where p.over_at > $2 and p.over_at < 'infinity') as later
