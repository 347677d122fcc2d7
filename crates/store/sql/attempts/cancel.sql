-- $1 token · $2 audit · $3 account · $4 attempt · $5 reason
select relink.cancel_attempt(p_token => $1, p_audit => $2, p_account => $3, p_attempt => $4, p_reason => $5) as done
