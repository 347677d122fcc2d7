-- Campaigns of a range of shards that stand still for their senders, or that run though one of them is lost (R-HEAL-1).
select c.id as campaign_id
  from relink.campaigns c
 where c.shard between $1 and $2
   and (exists (select from relink.campaign_pauses p
                 where p.campaign_id = c.id and p.reason = 'account_disconnected' and p.lifted_at is null)
        or (c.active and exists (select from relink.campaign_senders s
                                   join relink.accounts a on a.id = s.account_id
                                  where s.campaign_id = c.id and a.status <> 'connected')))
 order by c.id
