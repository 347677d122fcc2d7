-- How far run $1 is; nothing until its list was complete.
select r.listed_at, r.outcome is not null as ended, r.watched is not null as judged
  from relink.watch_runs r
 where r.slot = $1 and r.listed_at is not null
