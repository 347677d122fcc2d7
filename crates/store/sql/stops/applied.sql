-- $1 account_ids · $2 at
-- Accepted losses whose accounts have flipped. One whose account moved on otherwise is left to the next run.
update relink.stopped_losses t set state = 'applied', ended_at = $2
  from relink.accounts a
 where t.account_id = any ($1) and t.state = 'accepted' and a.id = t.account_id
   and a.status_version = t.version + 1 and a.status = t.to_status
