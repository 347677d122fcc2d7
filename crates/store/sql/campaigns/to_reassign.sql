-- $1 campaign · $2 account · $3 limit
-- Active enrollments of an account in a campaign, the longest due first, with the call of each that is not settled.
select e.id, coalesce(e.step_key, 'step-' || e.step::text) as step_key, p.name as person,
       exists (select from relink.sends s where s.enrollment_id = e.id and s.state in ('sending', 'unknown')) as is_called
  from relink.enrollments e
  join relink.prospects p on p.id = e.prospect_id
 where e.campaign_id = $1 and e.account_id = $2 and e.state = 'active'
 order by e.due_at nulls first, e.id
 limit $3
