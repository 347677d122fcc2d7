-- $1 token · $2 key · $3 route · $4 fingerprint · $5 audit · $6 for_s · $7 subject
select relink.hold_key(p_token => $1, p_key => $2, p_route => $3, p_fingerprint => $4, p_audit => $5,
                       p_for => make_interval(secs => $6), p_subject => $7) as held_until
