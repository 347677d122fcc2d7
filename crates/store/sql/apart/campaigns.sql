-- $1 first · $2 last
select id from relink.campaigns where shard between $1 and $2 order by id
