-- $1 senders · $2 campaigns
-- Campaigns that these accounts send for, and these, in the one order of all locks of campaigns. Two senders of one campaign
-- that are lost at once meet here, so the second sees the first as lost (R-CAM-2).
select c.id
  from relink.campaigns c
 where c.id in (select s.campaign_id from relink.campaign_senders s where s.account_id = any ($1)
                union select unnest($2::uuid[]))
 order by c.id
   for no key update
