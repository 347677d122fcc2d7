-- $1 state · $2 account · $3 campaign · $4 workspace · $5 before_at · $6 before_id · $7 limit
-- One page of sends, the newest plan first.
select s.id, s.account_id, a.name as account, s.workspace_id, s.campaign_id, c.name as campaign, s.enrollment_id,
       coalesce(s.step_key, 'step-' || s.step::text) as step,
       s.action, s.target, s.state, s.code, s.planned_at, s.sending_at, s.settled_at, s.looks, s.look_at, s.reference
  from relink.sends s
  join relink.accounts a on a.id = s.account_id
  left join relink.campaigns c on c.id = s.campaign_id
 where ($5::timestamptz is null or (s.planned_at, s.id) < ($5, $6::uuid))
   and s.state = $1 and ($2::uuid is null or s.account_id = $2) and ($3::uuid is null or s.campaign_id = $3)
   and ($4::uuid is null or s.workspace_id = $4)
 order by s.planned_at desc, s.id desc
 limit $7
