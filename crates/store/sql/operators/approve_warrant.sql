-- $1 token · $2 audit · $3 warrant · $4 removal · $5 reason
select relink.approve_warrant(p_token => $1, p_audit => $2, p_warrant => $3, p_removal => $4, p_reason => $5)
