-- $1 at · $2 longest_s
-- Whether leases are over by the clock, and whether any ends later than the longest of now can. That now is this statement's:
-- a lease of after the transaction began is no odder for it.
select 'over' as odd where exists (select from relink.jobs j where j.state = 'leased' and j.leased_until < $1)
union all
select 'ahead' where exists (
    select from relink.jobs j
     where j.state = 'leased'
       and j.leased_until > (select relink.clock() + make_interval(secs => $2 * relink.clock_rate())))
