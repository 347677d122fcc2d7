delete from relink.campaign_steps s
 using unnest($1::uuid[], $2::smallint[]) as q(campaign_id, steps)
 where s.campaign_id = q.campaign_id and s.step > q.steps
