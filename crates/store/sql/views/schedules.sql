-- Every schedule, and after them the duties that no schedule asks for: their jobs are those of their own kind, of which no
-- more than a thousand that wait are counted, in half as many lanes.
select s.name, s.every_s, s.last_slot, s.last_slot + make_interval(secs => s.every_s) as next_slot, s.skips, s.skipped, s.missed,
       (select count(*) from relink.jobs j where j.schedule = s.name and j.state in ('waiting', 'leased')) as open_jobs,
       (select count(*) from relink.jobs j where j.schedule = s.name and j.state = 'leased') as running,
       false as is_unscheduled
  from relink.schedules s
union all
select d.duty, d.every_s, null, null, 0, 0, 0,
       (select coalesce(least(sum(l.due + l.later + l.paused), 1000), 0)
          from unnest(d.queues) as q(queue)
         cross join lateral relink.look_at_lanes(p_queue => q.queue, p_workspace => null, p_kind => null,
                                                 p_at => $1, p_lanes => 500, p_rows => 1000) l
         where l.kind = d.duty)
           + (select count(*) from relink.jobs j where j.kind = d.duty and j.state = 'leased'),
       (select count(*) from relink.jobs j where j.kind = d.duty and j.state = 'leased'), true
  from relink.duties d
 where not exists (select from relink.schedules s where s.name = d.duty)
 order by is_unscheduled, name
