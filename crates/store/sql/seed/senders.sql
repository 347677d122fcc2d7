insert into relink.campaign_senders (campaign_id, account_id) select * from unnest($1::uuid[], $2::uuid[])
