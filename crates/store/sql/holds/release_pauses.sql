-- $1 at · $2 only
-- Ends queue pauses whose time is over; the system never lifts one without an end (R-Q-1).
update relink.pauses set lifted_at = ends_at, lifted_by = 'its end' where lifted_at is null and ends_at <= $1
   and ($2::uuid[] is null or id = any ($2))
