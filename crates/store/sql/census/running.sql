-- Jobs that run, and dead letters, of each queue: of either no more than $1 are counted.
with recursive names as (
    (select j.queue from relink.jobs j where j.state = 'dead' order by j.queue limit 1)
    union all
    select (select j.queue from relink.jobs j where j.state = 'dead' and j.queue > n.queue order by j.queue limit 1)
      from names n where n.queue is not null
)
select c.queue, sum(c.running)::bigint as running, sum(c.dead)::bigint as dead
  from (select r.queue, 1 as running, 0 as dead
          from (select j.queue from relink.jobs j where j.state = 'leased' order by j.leased_until limit $1) r
        union all
        select n.queue, 0, d.dead
          from names n
         cross join lateral (
            select count(*) as dead
              from (select from relink.jobs j where j.state = 'dead' and j.queue = n.queue
                     order by j.kind, j.finished_at limit $1) r) d
         where n.queue is not null) c
 group by c.queue
