-- $1 first · $2 last · $3 at · $4 limit
-- Unknown outcomes of a range of shards that are due for a look, each with the number of looks so far.
select s.account_id, s.id, s.workspace_id, s.looks
  from relink.sends s
 where s.state = 'unknown' and s.look_at <= $3 and relink.shard_of(s.account_id) between $1 and $2
 order by s.look_at
 limit $4
