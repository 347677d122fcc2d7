insert into relink.campaign_senders (campaign_id, account_id)
select campaign_id, account_id from unnest($1::uuid[], $2::uuid[]) as s(campaign_id, account_id)
