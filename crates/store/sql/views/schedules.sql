-- Every schedule, and after them the duties that no schedule asks for: their jobs are those of their own kind,
-- of which no more than a thousand that wait are counted.
select s.name, s.every_s, s.last_slot, s.last_slot + make_interval(secs => s.every_s) as next_slot, s.skips, s.skipped, s.missed,
       (select count(*) from relink.jobs j where j.schedule = s.name and j.state in ('waiting', 'leased')) as open_jobs,
       (select count(*) from relink.jobs j where j.schedule = s.name and j.state = 'leased') as running,
       false as is_unscheduled
  from relink.schedules s
union all
select d.duty, d.every_s, null, null, 0, 0, 0,
       (select count(*) from (select from relink.jobs j
                                where j.queue = any (d.queues) and j.kind = d.duty and j.state = 'waiting' limit 1000) w)
           + (select count(*) from relink.jobs j where j.kind = d.duty and j.state = 'leased'),
       (select count(*) from relink.jobs j where j.kind = d.duty and j.state = 'leased'), true
  from relink.duties d
 where not exists (select from relink.schedules s where s.name = d.duty)
 order by is_unscheduled, name
