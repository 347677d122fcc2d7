-- $1 accounts · $2 at
-- Who brought these accounts back at that instant, and the seconds that they could not send.
select e.returned_by, count(*) as returns, floor(sum(extract(epoch from e.ended_at - e.began_at)))::bigint as seconds
  from relink.episodes e
 where e.account_id = any ($1) and e.ended_at = $2 and e.returned_by is not null
 group by e.returned_by
