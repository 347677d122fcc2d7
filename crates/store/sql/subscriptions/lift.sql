-- $1 first · $2 last · $3 at · $4 actor · $5 only
-- Lifts the pauses of subscriptions that run, and no other reason (R-CAM-1), of campaigns that nobody else holds.
with free as materialized (
    select c.id from relink.campaigns c
     where c.shard between $1 and $2
       and ($5::uuid[] is null or c.id = any ($5))
       and exists (select from relink.campaign_pauses p
                    where p.campaign_id = c.id and p.reason = 'subscription' and p.lifted_at is null)
       and not exists (select from relink.subscriptions s where s.workspace_id = c.workspace_id and s.ended_at <= $3)
     order by c.id
       for no key update skip locked
)
update relink.campaign_pauses p
   set lifted_at = $3, lifted_by = $4
  from free c
 where p.campaign_id = c.id and p.reason = 'subscription' and p.lifted_at is null
