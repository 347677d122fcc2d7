-- $1 at · $2 account
-- Accounts other than $2 that were lost within the hour before $1, by any way, and the fleet as the newest judged run
-- counted it (R-WAT-3).
select (select count(*) from relink.lost_within_hour(p_at => $1) l where l.account_id <> $2) as losses,
       coalesce((select r.watched from relink.watch_runs r where r.watched is not null order by r.slot desc limit 1), 0) as fleet
