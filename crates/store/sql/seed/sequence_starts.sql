-- $1 campaigns
-- Every enrollment begins anew. A prospect who is written e-mails has an address.
update relink.enrollments e
   set step = 1,
       target = case when f.action = 'email' then 'p' || replace(e.id::text, '-', '') || '@example.com' else e.target end
  from relink.campaign_steps f
 where e.campaign_id = any ($1::uuid[]) and f.campaign_id = e.campaign_id and f.step = 1
