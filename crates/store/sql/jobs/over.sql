-- $1 at · $2 latest
-- Whether leases are over by the clock, and whether any ends later than the longest of now can.
select 'over' as odd where exists (select from relink.jobs j where j.state = 'leased' and j.leased_until < $1)
union all
select 'ahead' where exists (select from relink.jobs j where j.state = 'leased' and j.leased_until > $2)
