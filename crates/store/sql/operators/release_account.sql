-- $1 token · $2 audit · $3 account · $4 hold · $5 reason
select relink.release_account(p_token => $1, p_audit => $2, p_account => $3, p_hold => $4, p_reason => $5) as still
