-- $1 worker · $2 at · $3 latest · $4 limit
-- The clock jumped ahead: leases of workers that live are not over for that, and end when the longest of now does.
with over as (
    select j.id from relink.jobs j
     where j.state = 'leased' and j.leased_until < $2 and j.leased_by = any ($1)
     order by j.leased_until
     limit $4
       for update skip locked
)
update relink.jobs j set leased_until = $3 from over o where j.id = o.id
