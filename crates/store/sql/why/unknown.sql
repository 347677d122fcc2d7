-- Sends of an account whose outcome nobody knows, the oldest first.
select s.id, s.action, s.target, s.sending_at, s.looks, s.look_at
  from relink.sends s
 where s.account_id = $1 and s.state = 'unknown'
 order by s.sending_at
 limit $2
