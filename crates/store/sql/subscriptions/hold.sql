-- Holds accounts until their subscription is renewed; whose was renewed since they were locked is left out.
insert into relink.account_holds (account_id, reason, since, note)
select a.id, 'subscription', $2, 'the subscription ended'
  from relink.accounts a
  join relink.subscriptions s on s.workspace_id = a.workspace_id
 where a.id = any ($1::uuid[]) and s.ended_at <= $2
on conflict (account_id, reason) do update
   set since = excluded.since, ends_at = null, note = excluded.note, ended_at = null, proved_at = null
 where account_holds.ended_at is not null
returning account_id
