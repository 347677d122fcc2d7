-- Campaigns that any of some accounts sends for.
select distinct s.campaign_id from relink.campaign_senders s where s.account_id = any ($1)
