-- $1 id · $2 name · $3 at
insert into relink.workspaces (id, name, created_at) select id, name, $3 from unnest($1::uuid[], $2::text[]) as w(id, name)
