-- $1 at · $2 limit
-- Names and tries of planned notices that are due, the longest first.
select n.account_id, n.episode, n.step, n.tries
  from relink.notices n
 where n.state = 'planned' and n.due_at <= $1
 order by n.due_at, n.account_id
 limit $2
