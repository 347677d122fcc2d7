-- $1 campaign · $2 state · $3 account · $4 overdue · $5 after · $6 limit
-- One page of a campaign's enrollments by id. One that is in hand has a send that is open or of unknown outcome.
select e.id, e.campaign_id, e.account_id, a.name as account, p.name as person, e.target,
       e.step, coalesce(e.step_key, 'step-' || e.step::text) as step_key, e.action, e.state, e.due_at, e.not_before, e.overdue_since,
       e.stopped_at, e.stopped_why, o.id as send, o.state as send_state
  from relink.enrollments e
  join relink.accounts a on a.id = e.account_id
  join relink.prospects p on p.id = e.prospect_id
  left join lateral (
       select s.id, s.state from relink.sends s
        where s.enrollment_id = e.id and s.state in ('planned', 'reserved', 'sending', 'unknown') limit 1) o on true
 where e.campaign_id = $1 and e.id > $5
   and ($2::text is null or e.state = $2) and ($3::uuid is null or e.account_id = $3)
   and (not $4 or e.state = 'active' and e.overdue_since is not null)
 order by e.id
 limit $6
