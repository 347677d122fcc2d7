-- $1 first · $2 last
select id from relink.workspaces where relink.shard_of(id) between $1 and $2 order by id
