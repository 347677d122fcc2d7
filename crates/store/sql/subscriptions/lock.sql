-- $1 first · $2 last · $3 at · $4 after · $5 limit
-- Accounts of ended subscriptions that are not held for it yet, and those that are held for one that runs, in the one order of
-- all locks of accounts. Whoever takes capacity or begins a call of one of them has done so before, or waits and sees the hold.
select a.id
  from relink.accounts a
 where a.id > $4
   and a.id in (
       select b.id from relink.subscriptions s
         join relink.accounts b on b.workspace_id = s.workspace_id
        where s.ended_at <= $3 and b.shard between $1 and $2 and b.id > $4
          and not exists (select from relink.account_holds h
                           where h.account_id = b.id and h.reason = 'subscription' and h.ended_at is null)
       union all
       select h.account_id from relink.account_holds h
         join relink.accounts b on b.id = h.account_id
        where h.reason = 'subscription' and h.ended_at is null and b.shard between $1 and $2 and b.id > $4
          and not exists (select from relink.subscriptions s where s.workspace_id = b.workspace_id and s.ended_at <= $3))
 order by a.id
 limit $5
   for no key update of a
