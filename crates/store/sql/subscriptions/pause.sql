-- $1 first · $2 last · $3 at · $4 actor · $5 only
-- Campaigns are locked by id before they are paused, those of ended subscriptions and those that `lift` lets go after this.
with held as materialized (
    select c.id, c.workspace_id
      from relink.campaigns c
     where c.id in (
           select e.id from relink.subscriptions s
             join relink.campaigns e on e.workspace_id = s.workspace_id
            where s.ended_at <= $3 and e.shard between $1 and $2 and ($5::uuid[] is null or e.id = any ($5))
              and not exists (select from relink.campaign_pauses p
                               where p.campaign_id = e.id and p.reason = 'subscription' and p.lifted_at is null)
           union all
           select e.id from relink.campaign_pauses p
             join relink.campaigns e on e.id = p.campaign_id
            where p.reason = 'subscription' and p.lifted_at is null and e.shard between $1 and $2
              and ($5::uuid[] is null or e.id = any ($5))
              and not exists (select from relink.subscriptions s where s.workspace_id = e.workspace_id and s.ended_at <= $3))
     order by c.id
       for no key update
)
insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
select gen_random_uuid(), c.id, 'subscription', $3, $4, 'the subscription ended'
  from held c
  join relink.subscriptions s on s.workspace_id = c.workspace_id and s.ended_at <= $3
on conflict (campaign_id, reason) where lifted_at is null do nothing
