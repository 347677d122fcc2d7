-- Who links one of these sessions or persons ($1) does it alone until its transaction ends, so that the look for others
-- that follows sees them. In one order, so that two cannot deadlock.
select pg_advisory_xact_lock(7266, c.key)
  from (select distinct hashtext(t.name) as key from unnest($1::text[]) as t(name) order by key) c
