-- One page of a workspace's accounts, those after the account $2, in the order of the index.
select a.id, a.name
  from relink.accounts a
 where a.workspace_id = $1 and ($2::uuid is null or (a.shard, a.id) > (relink.shard_of($2), $2))
 order by a.shard, a.id
 limit $3
