-- $1 at · $2 only
-- Ends holds by $1 whose case is over, or is of a session that the account has no more. Those of accounts that somebody else
-- holds are ended by the next run.
with over as (
    select h.account_id from relink.account_holds h
     where h.reason = 'session_gone' and h.ended_at is null and ($2::uuid[] is null or h.account_id = any ($2))
       and not exists (select from relink.cases c join relink.accounts a on a.id = c.account_id and a.session_id = c.session_id
                        where c.account_id = h.account_id and c.closed_at is null and c.stopped_at is not null)
), free as materialized (
    select a.id from relink.accounts a
     where a.id in (select o.account_id from over o)
     order by a.id
       for no key update skip locked
)
update relink.account_holds h
   set ended_at = $1
  from free f
 where h.account_id = f.id and h.reason = 'session_gone' and h.ended_at is null
