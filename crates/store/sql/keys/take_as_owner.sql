-- $1 by · $2 key · $3 fingerprint · $4 fresh
select t.audit, t.answer from relink.take_owner_key(p_by => $1, p_key => $2, p_fingerprint => $3, p_fresh => $4) t
