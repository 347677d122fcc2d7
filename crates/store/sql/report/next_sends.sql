select a.name, s.action, s.slot_at
  from relink.sends s
  join relink.accounts a on a.id = s.account_id
 where s.state = 'planned'
 order by s.slot_at, s.id
 limit $1
