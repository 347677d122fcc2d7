-- In one order, so that two decisions over the same accounts cannot deadlock. What they remember of outages is read with
-- the lock: which one a return leaves is decided on it (R-HEAL-4).
select id, lost_at, outage_from, outage_until from relink.accounts where id = any ($1) order by id for no key update
