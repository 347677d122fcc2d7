-- $1 first · $2 last · $3 at · $4 only
-- Ends the holds of a range of shards whose time is over; of some accounts only where `only` names them.
update relink.account_holds h
   set ended_at = $3
 where h.ended_at is null and h.ends_at <= $3 and relink.shard_of(h.account_id) between $1 and $2
   and ($4::uuid[] is null or h.account_id = any ($4))
