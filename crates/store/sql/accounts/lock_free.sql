-- Locks those of accounts $1 that nobody else holds, and waits for none: for what comes later in its transaction than other
-- locks, and comes again.
select id from relink.accounts where id = any ($1) order by id for no key update skip locked
