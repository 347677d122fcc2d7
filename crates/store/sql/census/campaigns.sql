-- Campaigns by whether they run (R-CAM-1).
select case when not c.active then 'inactive' when p.campaign_id is not null then 'paused' else 'running' end as word,
       count(*) as count
  from relink.campaigns c
  left join (select distinct campaign_id from relink.campaign_pauses where lifted_at is null) p on p.campaign_id = c.id
 group by 1
