-- $1 token · $2 key · $3 route · $4 fingerprint · $5 audit · $6 held · $7 status · $8 answer · $9 subject
select relink.keep_answer(p_token => $1, p_key => $2, p_route => $3, p_fingerprint => $4, p_audit => $5, p_held => $6,
                          p_status => $7, p_answer => $8, p_subject => $9) as kept
