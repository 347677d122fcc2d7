-- $1 jobs · $2 at · $3 kind · $4 version
-- Jobs that this worker does not know stay for one that does, but step back for ten seconds of the machine each time:
-- a pile of them must not fill the relay's window for ever and keep the known work behind it.
-- The jobs are named: that the index of what waits is not read for them, however many wait, `state` is compared as a text.
update relink.jobs
   set left_at = coalesce(left_at, $2), run_at = $2 + make_interval(secs => 10 * relink.clock_rate())
 where id = any ($1) and state::text = 'waiting' and run_at <= $2
   and (kind <> all ($3) or version > (select v.version from unnest($3::text[], $4::smallint[]) as v(kind, version)
                                        where v.kind = jobs.kind))
