-- Everything that one worker holds, given back by name. The attempt stays counted: it is the fence against the runs
-- that may still go on; only failures count towards a limit.
update relink.jobs
   set state = 'waiting', leased_until = null, leased_by = null
 where state = 'leased' and leased_by = $1
returning id
