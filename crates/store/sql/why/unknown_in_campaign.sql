-- Sends of a campaign whose outcome is unknown: how many, and how many of them nobody looks for any more.
select count(*) as unknown, count(*) filter (where s.look_at is null) as given_up
  from relink.sends s
 where s.campaign_id = $1 and s.state = 'unknown'
