-- Campaigns with what pausing and healing them needs to know (R-CAM-2, R-HEAL-1, R-HEAL-3). What a person lifted is no
-- heal, and heals from before a person cleared `stuck_loop` are forgotten.
select c.id as campaign_id, c.workspace_id, p.id as pause_id, p.version, coalesce(c.on_sender_loss, w.on_sender_loss) as on_sender_loss,
       sender.senders, sender.able,
       (select count(*) from relink.campaign_pauses h
         where h.campaign_id = c.id and h.reason = 'account_disconnected' and h.lifted_by like 'worker:%'
           and h.lifted_at > greatest($2::timestamptz - interval '1 hour',
                                      (select max(k.lifted_at) from relink.campaign_pauses k
                                        where k.campaign_id = c.id and k.reason = 'stuck_loop' and k.lifted_at is not null)))
       as heals_last_hour,
       exists (select from relink.campaign_pauses s
                where s.campaign_id = c.id and s.reason = 'stuck_loop' and s.lifted_at is null) as stuck
  from relink.campaigns c
  join relink.workspaces w on w.id = c.workspace_id
  left join relink.campaign_pauses p
    on p.campaign_id = c.id and p.reason = 'account_disconnected' and p.lifted_at is null
 cross join lateral (
    select count(*) as senders, count(*) filter (where a.status = 'connected') as able
      from relink.campaign_senders s
      join relink.accounts a on a.id = s.account_id
     where s.campaign_id = c.id) sender
 where c.id = any ($1)
 order by c.id
