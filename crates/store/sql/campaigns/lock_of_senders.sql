-- Two senders of one campaign that are lost at once meet here, so the second sees the first as lost (R-CAM-2).
select c.id
  from relink.campaigns c
 where c.id in (select s.campaign_id from relink.campaign_senders s where s.account_id = any ($1))
 order by c.id
   for update
