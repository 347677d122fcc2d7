-- Lets stopped cases ($1) have their verdict from $2 on.
update relink.cases c set released_at = $2
  from (select o.id from relink.cases o
         where o.id = any ($1) and o.stopped_at is not null and o.closed_at is null
         order by o.id for update) o
 where c.id = o.id and c.stopped_at is not null and c.closed_at is null
