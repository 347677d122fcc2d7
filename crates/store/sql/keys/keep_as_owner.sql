-- $1 by · $2 key · $3 route · $4 fingerprint · $5 audit · $6 answer
select relink.keep_owner_answer(p_by => $1, p_key => $2, p_route => $3, p_fingerprint => $4, p_audit => $5, p_answer => $6)
