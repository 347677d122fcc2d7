-- $1 id · $2 workspace_id · $3 kind · $4 tier · $5 name · $6 handle · $7 session_id · $8 identity · $9 at
insert into relink.accounts (id, workspace_id, kind, tier, name, handle, status, status_since, session_id, identity, created_at)
select id, workspace_id, kind, tier, name, handle, 'connecting', $9, session_id, identity, $9
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       as a(id, workspace_id, kind, tier, name, handle, session_id, identity)
