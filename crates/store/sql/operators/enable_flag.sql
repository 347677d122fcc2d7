-- $1 token · $2 audit · $3 id · $4 name · $5 for_s · $6 reason
select relink.enable_flag(p_token => $1, p_audit => $2, p_id => $3, p_name => $4, p_for => make_interval(secs => $5),
                          p_reason => $6) as ends_at
