-- $1 id · $2 attempt · $3 at
update relink.jobs j
   set state = 'done', finished_at = $3, leased_until = null
  from unnest($1::uuid[], $2::smallint[]) as run(id, attempt)
 where j.id = run.id and j.attempt = run.attempt and j.state = 'leased'
