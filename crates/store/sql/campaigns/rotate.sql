-- $1 account_ids · $2 in_rotation
-- Who comes back must be able to send as themselves (R-CAM-2, R-ST-6).
update relink.campaign_senders s set in_rotation = $2
  from relink.accounts a
 where s.account_id = any ($1) and s.in_rotation <> $2 and a.id = s.account_id
   and (not $2 or (a.status = 'connected'
                   and not exists (select from relink.account_holds h
                                    where h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null)))
