-- $1 first · $2 last · $3 at · $4 after · $5 limit
-- Accounts of ended subscriptions that are not held for it yet, in the one order of all locks of accounts. Whoever takes
-- capacity or begins a call of one of them has done so before, or waits and sees the hold.
select a.id
  from relink.subscriptions s
  join relink.accounts a on a.workspace_id = s.workspace_id
 where s.ended_at <= $3 and a.shard between $1 and $2 and a.id > $4
   and not exists (select from relink.account_holds h
                    where h.account_id = a.id and h.reason = 'subscription' and h.ended_at is null)
 order by a.id
 limit $5
   for no key update of a
