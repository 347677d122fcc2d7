-- R-CAM-2. A pause that stands already is asserted again: its version steps up, so that no heal decided earlier
-- can lift it.
insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
select gen_random_uuid(), c.id, 'account_disconnected', $2, $3, 'a sender cannot send'
  from relink.campaigns c
  join relink.workspaces w on w.id = c.workspace_id
 where c.id in (select s.campaign_id from relink.campaign_senders s where s.account_id = any ($1))
   and (coalesce(c.on_sender_loss, w.on_sender_loss) = 'pause_campaign'
        or not exists (select from relink.campaign_senders s
                         join relink.accounts a on a.id = s.account_id
                        where s.campaign_id = c.id and a.status = 'connected'))
on conflict (campaign_id, reason) where lifted_at is null
do update set version = campaign_pauses.version + 1
