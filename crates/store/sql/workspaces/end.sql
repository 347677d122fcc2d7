-- $1 token · $2 audit · $3 workspace · $4 reason
select relink.end_workspace(p_token => $1, p_audit => $2, p_workspace => $3, p_reason => $4) as ended_at
