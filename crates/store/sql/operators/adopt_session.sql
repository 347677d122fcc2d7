-- $1 token · $2 audit · $3 account · $4 attempt · $5 session · $6 workspace · $7 name · $8 external_id · $9 reason
select relink.adopt_session(p_token => $1, p_audit => $2, p_account => $3, p_attempt => $4, p_session => $5, p_workspace => $6,
                            p_name => $7, p_external_id => $8, p_reason => $9) as kind
