-- Difference of the two clocks at the newest complete listing, in ms; null where nobody measured it.
select r.clock_lead_ms from relink.watch_runs r where r.listed_at is not null order by r.slot desc limit 1
