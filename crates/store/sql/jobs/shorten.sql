-- $1 latest · $2 limit
-- Leases that were written by a clock that was ahead end when the longest of now does.
with ahead as (
    select j.id from relink.jobs j
     where j.state = 'leased' and j.leased_until > $1
     order by j.leased_until desc
     limit $2
       for update skip locked
)
update relink.jobs j set leased_until = $1 from ahead a where j.id = a.id
