-- $1 token · $2 scope · $3 key · $4 fingerprint · $5 fresh
select verdict, audit, status, answer, subject, route
  from relink.take_key(p_token => $1, p_scope => $2, p_key => $3, p_fingerprint => $4, p_fresh => $5)
