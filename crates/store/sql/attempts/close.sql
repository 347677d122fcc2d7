-- $1 id · $2 outcome · $3 at
update relink.link_attempts l
   set closed_at = $3, outcome = e.outcome
  from unnest($1::uuid[], $2::text[]) as e(id, outcome)
 where l.id = e.id and l.closed_at is null
returning l.purpose, l.outcome
