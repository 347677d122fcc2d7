-- $2 seconds of the machine, by the database's clock alone. A takeover or a lapse steps the epoch up; a renewal keeps it.
update relink.scheduler_lease
   set epoch = epoch + (holder is distinct from $1 or expires_at < relink.clock())::integer,
       holder = $1,
       expires_at = relink.clock() + make_interval(secs => $2 * relink.clock_rate())
 where holder = $1 or expires_at < relink.clock()
returning epoch
