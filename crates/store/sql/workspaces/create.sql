-- $1 token · $2 audit · $3 id · $4 settings · $5 reason
select relink.create_workspace(p_token => $1, p_audit => $2, p_id => $3, p_settings => $4, p_reason => $5)
