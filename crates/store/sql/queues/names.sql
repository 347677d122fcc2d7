-- Queues in which something waits, found by hopping over the index.
with recursive names as (
    (select j.queue from relink.jobs j where j.state = 'waiting' order by j.queue limit 1)
    union all
    select (select j.queue from relink.jobs j where j.state = 'waiting' and j.queue > n.queue order by j.queue limit 1)
      from names n where n.queue is not null
)
select queue from names where queue is not null
