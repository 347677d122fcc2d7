-- $1 first · $2 last · $3 at · $4 only
-- Ends the holds of subscriptions that run, and no other hold, of accounts that nobody else holds.
with over as (
    select a.id
      from relink.account_holds h
      join relink.accounts a on a.id = h.account_id
     where h.reason = 'subscription' and h.ended_at is null
       and a.shard between $1 and $2
       and ($4::uuid[] is null or a.id = any ($4))
       and not exists (select from relink.subscriptions s where s.workspace_id = a.workspace_id and s.ended_at <= $3)
), free as materialized (
    select a.id from relink.accounts a
     where a.id in (select o.id from over o)
     order by a.id
       for no key update skip locked
)
update relink.account_holds h
   set ended_at = $3
  from free f
 where h.account_id = f.id and h.reason = 'subscription' and h.ended_at is null
