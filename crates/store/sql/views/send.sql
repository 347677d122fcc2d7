-- $1 id · $2 account
-- One send of an account; without the account, one whose outcome is unknown, or that is still open.
select s.id, s.account_id, a.name as account, s.workspace_id, s.campaign_id, c.name as campaign, s.enrollment_id,
       coalesce(s.step_key, 'step-' || s.step::text) as step,
       s.action, s.target, s.state, s.code, s.planned_at, s.sending_at, s.settled_at, s.looks, s.look_at, s.reference
  from (select o.* from relink.sends o where o.account_id = $2::uuid and o.id = $1
        union all
        select o.* from relink.sends o where $2::uuid is null and o.id = $1 and o.state in ('planned', 'reserved', 'sending')
        union all
        select o.* from relink.sends o where $2::uuid is null and o.id = $1 and o.state = 'unknown') s
  join relink.accounts a on a.id = s.account_id
  left join relink.campaigns c on c.id = s.campaign_id
