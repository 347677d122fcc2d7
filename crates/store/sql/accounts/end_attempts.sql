-- $1 accounts · $2 outcome · $3 at
-- Attempts that are open still when their account is connected in another way, or disconnected.
update relink.link_attempts l
   set closed_at = $3, outcome = $2
 where l.account_id = any ($1) and l.closed_at is null
returning l.purpose, l.outcome
