-- $1 longest_s · $2 limit
-- Leases that were written by a clock that was ahead end when the longest of now does, by this statement's now.
with latest as materialized (
    select relink.clock() + make_interval(secs => $1 * relink.clock_rate()) as at
), ahead as (
    select j.id from relink.jobs j
     where j.state = 'leased' and j.leased_until > (select l.at from latest l)
     order by j.leased_until desc
     limit $2
       for update skip locked
)
update relink.jobs j set leased_until = l.at from ahead a, latest l where j.id = a.id
