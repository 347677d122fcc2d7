-- $1 first · $2 last · $3 at · $4 actor · $5 only
insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
select gen_random_uuid(), c.id, 'subscription', $3, $4, 'the subscription ended'
  from relink.subscriptions s
  join relink.campaigns c on c.workspace_id = s.workspace_id
 where s.ended_at <= $3 and c.shard between $1 and $2
   and ($5::uuid[] is null or c.id = any ($5))
   and not exists (select from relink.campaign_pauses p
                    where p.campaign_id = c.id and p.reason = 'subscription' and p.lifted_at is null)
on conflict (campaign_id, reason) where lifted_at is null do nothing
