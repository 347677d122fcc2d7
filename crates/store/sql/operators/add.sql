-- $1 audit · $2 id · $3 operator · $4 digest · $5 scopes · $6 workspace · $7 for_s · $8 by · $9 reason
select relink.add_operator(p_audit => $1, p_id => $2, p_operator => $3, p_digest => $4, p_scopes => $5, p_workspace => $6,
                           p_for => make_interval(secs => $7), p_by => $8, p_reason => $9) as ends_at
