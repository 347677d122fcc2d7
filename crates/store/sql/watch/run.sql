-- Run $1, and whether by $2 a later one was listed: then it says nothing any more.
select r.listed_at, r.outcome,
       exists (select from relink.watch_runs n where n.slot > $1 and n.slot <= $2 and n.listed_at is not null) as passed
  from relink.watch_runs r
 where r.slot = $1
