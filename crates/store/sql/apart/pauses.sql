-- $1 at
-- Pauses of queues whose time is over.
select id from relink.pauses where lifted_at is null and ends_at <= $1 order by id
