-- $1 token · $2 audit · $3 name · $4 reason
select relink.end_flag(p_token => $1, p_audit => $2, p_name => $3, p_reason => $4) as ended
