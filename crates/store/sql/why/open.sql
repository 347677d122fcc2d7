-- Sends of some accounts that are planned or on their way, of one campaign ($2) or of any, the next first.
select s.id, s.account_id, a.name as account, c.name as campaign, s.action, s.target, s.state, s.slot_at
  from relink.sends s
  join relink.accounts a on a.id = s.account_id
  left join relink.campaigns c on c.id = s.campaign_id
 where s.account_id = any ($1::uuid[]) and s.state in ('planned', 'reserved', 'sending')
   and ($2::uuid is null or s.campaign_id = $2)
 order by s.slot_at, s.id
 limit $3
