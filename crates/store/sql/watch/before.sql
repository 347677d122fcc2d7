-- What a run ($1) knew before it read of these sessions ($2): how many of them it had met, and how many there should be.
select (select count(*) from relink.sessions_seen s where s.slot = $1 and s.session_id = any ($2)) as met,
       coalesce((select r.sessions from relink.watch_runs r where r.listed_at is not null order by r.slot desc limit 1),
                0) as known
