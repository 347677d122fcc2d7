-- $1 token · $2 audit · $3 warrant · $4 reason
select relink.revoke_warrant(p_token => $1, p_audit => $2, p_warrant => $3, p_reason => $4) as done
