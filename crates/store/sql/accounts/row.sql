select id, workspace_id, status_version, status::text as status, status_since, session_id, identity
  from relink.accounts
 where id = any ($1)
