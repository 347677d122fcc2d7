-- $1 campaign
-- Steps of a campaign in their order.
select s.key, s.step, s.action from relink.campaign_steps s where s.campaign_id = $1 order by s.step
