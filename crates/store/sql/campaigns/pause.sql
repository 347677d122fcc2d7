-- $1 id · $2 campaign_id · $3 reason · $4 note · $5 at · $6 actor
-- For lost senders only while one is lost: it may have come back since this was decided.
insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
select id, campaign_id, reason, $5, $6, note
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as p(id, campaign_id, reason, note)
 where p.reason <> 'account_disconnected'
    or exists (select from relink.campaign_senders s
                 join relink.accounts a on a.id = s.account_id
                where s.campaign_id = p.campaign_id and a.status <> 'connected')
on conflict (campaign_id, reason) where lifted_at is null do nothing
