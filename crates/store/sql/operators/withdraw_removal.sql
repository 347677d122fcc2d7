-- $1 token · $2 audit · $3 removal · $4 reason
select relink.withdraw_removal(p_token => $1, p_audit => $2, p_removal => $3, p_reason => $4) as done
