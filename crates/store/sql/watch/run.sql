-- Run $1, and whether by $2 a later one has begun: then it says nothing any more.
select r.started_at, r.listed_at, r.outcome, r.sessions, r.writers, r.is_whole,
       coalesce((select p.sessions from relink.watch_runs p where p.slot < $1 and p.listed_at is not null
                  order by p.slot desc limit 1), 0) as sessions_before,
       exists (select from relink.watch_runs n where n.slot > $1 and n.slot <= $2) as passed
  from relink.watch_runs r
 where r.slot = $1
