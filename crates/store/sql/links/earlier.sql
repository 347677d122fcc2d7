-- Disconnected rows of workspace $1 that are person $2, the one that was there last first: the first comes back (R-LNK-5).
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity
  from relink.accounts a
 where a.identity = $2 and a.workspace_id = $1 and a.status = 'disconnected'
 order by a.first_connected_at desc nulls last, a.id
