-- Ends the holds of a range of shards whose time is over.
update relink.account_holds h
   set ended_at = $3
 where h.ended_at is null and h.ends_at <= $3 and relink.shard_of(h.account_id) between $1 and $2
