select s.name, s.every_s, s.last_slot, s.last_slot + make_interval(secs => s.every_s) as next_slot, s.skips, s.skipped, s.missed,
       (select count(*) from relink.jobs j where j.schedule = s.name and j.state in ('waiting', 'leased')) as open_jobs,
       (select count(*) from relink.jobs j where j.schedule = s.name and j.state = 'leased') as running
  from relink.schedules s
 order by s.name
