-- $1 first · $2 last · $3 at · $4 only
-- Ends the holds of a range of shards whose time is over; of some accounts only where `only` names them. Those of accounts
-- that somebody else holds are ended by the next run.
with over as (
    select h.account_id, h.reason from relink.account_holds h
     where h.ended_at is null and h.ends_at <= $3 and relink.shard_of(h.account_id) between $1 and $2
       and ($4::uuid[] is null or h.account_id = any ($4))
), free as materialized (
    select a.id from relink.accounts a
     where a.id in (select o.account_id from over o)
     order by a.id
       for no key update skip locked
)
update relink.account_holds h
   set ended_at = $3
  from over o join free f on f.id = o.account_id
 where h.account_id = o.account_id and h.reason = o.reason and h.ended_at is null and h.ends_at <= $3
