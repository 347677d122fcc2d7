-- People whom a sender writes to without an invitation of its own, by the sender's session: at the first step, or, where data
-- of an earlier run was kept, at the step on which they stand. For small fleets.
select a.session_id, e.target
  from relink.enrollments e
  join relink.accounts a on a.id = e.account_id
 where e.state = 'active' and a.session_id is not null
   and exists (select from relink.campaign_steps f
                where f.campaign_id = e.campaign_id and f.action = 'message'
                  and (f.step = 1 or f.key = coalesce(e.step_key, 'step-' || e.step::text)))
 order by a.session_id, e.created_at, e.id
