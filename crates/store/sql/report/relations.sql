-- People whom a sender writes to at the first step, and therefore knows already, by the sender's session. For small fleets.
select a.session_id, e.target
  from relink.enrollments e
  join relink.accounts a on a.id = e.account_id
  join relink.campaign_steps f on f.campaign_id = e.campaign_id and f.step = 1
 where e.state = 'active' and f.action = 'message' and a.session_id is not null
 order by a.session_id, e.created_at, e.id
