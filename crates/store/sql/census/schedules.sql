-- Where each schedule stands, and when one of its jobs last ended well (index jobs_done_of_schedule).
select s.name, s.skips,
       (select j.finished_at from relink.jobs j
         where j.schedule = s.name and j.state = 'done' order by j.finished_at desc limit 1) as last_success
  from relink.schedules s
