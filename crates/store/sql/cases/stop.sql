-- $1 id · $2 why · $3 at
update relink.cases c set stopped_at = $3, stopped_why = s.why
  from unnest($1::uuid[], $2::text[]) as s(id, why)
 where c.id = s.id and c.stopped_at is null and c.closed_at is null
