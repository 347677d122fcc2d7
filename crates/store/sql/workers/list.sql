-- $1 at
-- Every worker, those that were given up last; what each has in hand is counted in leases.
select w.name, w.queues, w.build, w.started_at, w.seen_at, extract(epoch from $1 - w.seen_at)::float8 as seen_s, w.lost_at,
       coalesce(r.running, 0) as running
  from relink.workers w
  left join (select j.leased_by, count(*) as running from relink.jobs j where j.state = 'leased' group by j.leased_by) r
         on r.leased_by = w.name
 order by w.lost_at is not null, w.started_at, w.name
