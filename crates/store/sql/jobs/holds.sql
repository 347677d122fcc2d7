-- $1 at
-- What is paused: of each pause that is not over, the share of its jobs that it lets start, nothing until it is lifted, and
-- when that changes: as it ends, or fifty times in a ramp, at most ten times a second of the machine.
select p.id, p.scope, p.target, p.mode, p.lifted_at is not null as is_lifted,
       case when p.lifted_at is null then 0
            else (greatest(extract(epoch from $1 - p.lifted_at), 0)::double precision
                  / extract(epoch from p.ramp_until - p.lifted_at)::double precision) ^ 2 end as share,
       case when p.lifted_at is null then nullif(p.over_at, 'infinity')
            else $1 + greatest((p.ramp_until - p.lifted_at) / 50, make_interval(secs => 0.1 * relink.clock_rate())) end as changes_at
  from relink.pauses p
 where p.over_at > $1 and (p.lifted_at is null or p.ramp_until > $1)
 order by p.id
