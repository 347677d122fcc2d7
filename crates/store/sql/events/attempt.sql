select l.account_id, a.workspace_id, l.ends_at
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 where l.id = $1
