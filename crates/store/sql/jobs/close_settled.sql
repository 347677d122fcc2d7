-- $1 job · $2 attempt · $3 at
-- Closes the job of a call whose end is settled: of this attempt, also where its lease is over and nobody has claimed it since.
update relink.jobs j
   set state = 'done', finished_at = $3, leased_until = null
 where j.id = $1 and j.attempt = $2 and j.state in ('leased', 'waiting')
