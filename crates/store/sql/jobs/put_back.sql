-- $1 job · $2 attempt · $3 run_at
-- One run that lost the database. The attempt stays counted: it is the fence; only failures count towards a limit.
update relink.jobs
   set state = 'waiting', run_at = greatest(run_at, $3), leased_until = null, leased_by = null
 where id = $1 and attempt = $2 and state = 'leased'
