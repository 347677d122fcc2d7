select s.name, s.last_slot, s.skips,
       exists (select from relink.jobs j
                where j.schedule = s.name and j.state in ('waiting', 'leased')) as is_open
  from relink.schedules s
 where s.name = any ($1)
 order by s.name
