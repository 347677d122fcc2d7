-- $1 id · $2 at
insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
select id, 1, $2, null, 'connecting', 'imported', 'seed' from unnest($1::uuid[]) as a(id)
