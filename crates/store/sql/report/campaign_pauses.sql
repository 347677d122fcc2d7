-- $1 since
-- Pauses of campaigns that began since then, with the sessions of their senders, and whether rows say what they are for. For
-- small fleets.
select c.name, p.reason, p.paused_at, p.note, p.lifted_at is null as is_in_force,
       array(select a.session_id from relink.campaign_senders s join relink.accounts a on a.id = s.account_id
              where s.campaign_id = c.id and a.session_id is not null order by a.session_id) as sessions,
       case when p.reason in ('manual', 'operator')
            then exists (select from relink.operator_audit o
                          where o.action like 'campaign.%' and o.subject = c.id::text and o.at >= $1)
            when p.reason = 'subscription'
            then exists (select from relink.subscriptions u where u.workspace_id = c.workspace_id and u.ended_at is not null)
            else false end as is_asked_for
  from relink.campaign_pauses p
  join relink.campaigns c on c.id = p.campaign_id
 where p.paused_at >= $1
 order by p.paused_at, c.name
