-- Calls of accounts $1 that began so long before $2 and have no end: their worker is gone, and perhaps their job, and nobody
-- knows what came of them. Five minutes of the machine's.
update relink.restarts r set state = 'unknown', settled_at = $2, code = 'its run did not live to tell'
 where r.account_id = any ($1) and r.state = 'calling'
   and r.called_at <= $2::timestamptz - make_interval(secs => 300 * relink.clock_rate())
