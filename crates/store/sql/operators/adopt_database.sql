-- $1 token · $2 audit · $3 ramp_s · $4 reason
select relink.adopt_database(p_token => $1, p_audit => $2, p_ramp => make_interval(secs => $3), p_reason => $4) as copy_since
