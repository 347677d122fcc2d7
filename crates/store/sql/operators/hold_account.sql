-- $1 token · $2 audit · $3 account · $4 for_s · $5 reason
select relink.hold_account(p_token => $1, p_audit => $2, p_account => $3, p_for => make_interval(secs => $4),
                           p_reason => $5) as ends_at
