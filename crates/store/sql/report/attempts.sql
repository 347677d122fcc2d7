-- $1 since
-- Attempts that are open or ended since then, by state. For small fleets.
select l.state, count(*) as attempts
  from relink.link_attempts l
 where l.closed_at is null or l.closed_at >= $1::timestamptz
 group by l.state
