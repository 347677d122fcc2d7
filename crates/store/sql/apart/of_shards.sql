-- $1 shards
select id from relink.accounts where shard = any ($1) order by id
