select r.slot, r.listed_at, r.is_whole from relink.watch_runs r where r.listed_at is not null order by r.slot desc limit 1
