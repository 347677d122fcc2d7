-- $1 account · $2 attempt · $3 outcome · $4 at
update relink.link_attempts l
   set closed_at = $4, outcome = $3
 where l.account_id = $1 and l.id = $2 and l.closed_at is null
