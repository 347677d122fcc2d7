-- $1 before · $2 limit
-- Runs that stopped losses, the newest first, and what became of these.
select t.first_run as run, count(*) as stopped,
       count(*) filter (where t.state = 'open') as open,
       count(*) filter (where t.state = 'accepted') as accepted,
       count(*) filter (where t.state = 'refused') as refused,
       count(*) filter (where t.state = 'applied') as applied,
       count(*) filter (where t.state = 'withdrawn') as withdrawn
  from relink.stopped_losses t
 where $1::timestamptz is null or t.first_run < $1
 group by t.first_run
 order by t.first_run desc
 limit $2
