-- The latest instant beyond $1 that rows know of and that only this server's clock can have written: the lease, ticks, and
-- of the newest jobs those that wait for an instant beyond it too. Null: none.
select max(known.at) as at
  from (select l.latest_at as at from relink.scheduler_lease l
        union all
        select s.last_slot from relink.schedules s
        union all
        select n.created_at
          from (select j.created_at, j.run_at, j.state from relink.jobs j order by j.id desc limit 100) n
         where n.state = 'waiting' and n.run_at > $1) known
 where known.at > $1
