-- $1 attempt · $2 refusal
update relink.link_attempts l
   set refusal = w.refusal
  from unnest($1::uuid[], $2::text[]) as w(attempt, refusal)
 where l.id = w.attempt and l.refusal is null
