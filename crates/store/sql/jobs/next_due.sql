-- When the next waiting job of a queue comes due after $2.
with recursive tenants as (
    (select workspace_id from relink.jobs
      where queue = $1 and state = 'waiting' order by workspace_id limit 1)
    union all
    select (select j.workspace_id from relink.jobs j
             where j.queue = $1 and j.state = 'waiting' and j.workspace_id > t.workspace_id
             order by j.workspace_id limit 1)
      from tenants t where t.workspace_id is not null
)
select min(j.run_at) as next_due
  from tenants t
 cross join lateral (
    select j.run_at from relink.jobs j
     where j.queue = $1 and j.workspace_id = t.workspace_id and j.state = 'waiting' and j.run_at > $2
     order by j.run_at limit 1) j
 where t.workspace_id is not null
