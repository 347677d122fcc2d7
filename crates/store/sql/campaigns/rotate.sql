update relink.campaign_senders set in_rotation = $2 where account_id = any ($1) and in_rotation <> $2
