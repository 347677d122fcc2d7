-- $1 slot · $2 first · $3 last · $4 before
-- Sessions of a range of shards that the list shows in trouble: once they are healthy again, their verification begins
-- anew. Not for those that it did so since `before`, or one that comes and goes would be asked at each run.
update relink.verifications v
   set tries = 0, next_at = s.seen_at, reset_at = s.seen_at
  from relink.sessions_seen s
 where v.tries > 0 and relink.shard_of(v.account_id) between $2 and $3
   and s.session_id = v.session_id and s.slot >= $1 and s.health <> 'ok'
   and (v.reset_at is null or v.reset_at <= $4)
