-- $1 id · $2 verdict · $3 at
update relink.cases c set verdict = v.verdict, closed_at = $3
  from unnest($1::uuid[], $2::text[]) as v(id, verdict)
 where c.id = v.id and c.closed_at is null
