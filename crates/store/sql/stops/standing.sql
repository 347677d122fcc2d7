-- The stopped loss that stands for account $1 at $2, as its row is now.
select t.id, t.state, t.to_status::text as to_status, t.cause, t.runs
  from relink.stopped_losses t
  join relink.accounts a on a.id = t.account_id and a.status_version = t.version
 where t.account_id = $1 and (t.state in ('open', 'accepted') or (t.state = 'refused' and t.until > $2))
 order by t.state = 'refused'
 limit 1
