-- $1 holder · $2 lease_s · $3 chair · $4 longest_s
-- Seconds are the machine's, by the database's clock alone. A takeover or a lapse steps the epoch up; a renewal keeps it.
-- Whoever sits in the chair takes over at once: nobody else's process that had it is alive and connected. A lease that ends
-- later than any can be was written by a clock that has gone back since. Seconds left are those of another's lease.
with asked as (
    select exists (select from pg_locks k
                    where k.locktype = 'advisory' and k.classid = 7267 and k.objid = 1 and k.objsubid = 2 and k.granted
                      and k.pid = $3 and k.database = (select d.oid from pg_database d where d.datname = current_database()))
               as is_seated
), taken as (
    update relink.scheduler_lease l
       set epoch = l.epoch + (l.holder is distinct from $1 or l.expires_at < relink.clock())::integer,
           holder = $1,
           expires_at = relink.clock() + make_interval(secs => $2 * relink.clock_rate()),
           latest_at = greatest(l.latest_at, relink.clock())
      from asked a
     where l.holder = $1 or a.is_seated or l.expires_at < relink.clock()
        or l.expires_at > relink.clock() + make_interval(secs => $4 * relink.clock_rate())
    returning l.epoch
)
select (select t.epoch from taken t) as epoch,
       case when l.expires_at > relink.clock() then (extract(epoch from l.expires_at - relink.clock()) / relink.clock_rate())::float8
            else 0 end as left_s
  from relink.scheduler_lease l
