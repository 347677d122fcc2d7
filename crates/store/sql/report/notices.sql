-- $1 since
-- Notices that wait or ended since then, by step and state. For small fleets.
select n.step, n.state, count(*) as notices
  from relink.notices n
 where n.ended_at is null or n.ended_at >= $1::timestamptz
 group by n.step, n.state
