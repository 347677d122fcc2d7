-- $1 first · $2 last · $3 after_shard · $4 after_id · $5 at · $6 limit
-- Accounts of a range of shards that may send and have nothing open, after one of them.
select a.id, a.shard
  from relink.accounts a
 where a.shard between $1 and $2 and (a.shard, a.id) > ($3, $4) and a.status = 'connected'
   and not exists (select from relink.account_holds h
                    where h.account_id = a.id and relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $5))
   and not exists (select from relink.sends s
                    where s.account_id = a.id and s.state in ('planned', 'reserved', 'sending'))
 order by a.shard, a.id
 limit $6
