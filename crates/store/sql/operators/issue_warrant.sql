-- $1 token · $2 audit · $3 id · $4 session · $5 reason
select relink.issue_warrant(p_token => $1, p_audit => $2, p_id => $3, p_session => $4, p_reason => $5) as ends_at
