select id, operator, scopes, workspace_id from relink.use_token(p_token => $1)
