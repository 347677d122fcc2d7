-- $1 token · $2 audit · $3 account · $4 reason
select workspace_id, version
  from relink.restart_account(p_token => $1, p_audit => $2, p_account => $3, p_reason => $4)
