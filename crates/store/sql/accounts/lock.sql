-- In one order, so that two decisions over the same accounts cannot deadlock.
select id from relink.accounts where id = any ($1) order by id for no key update
