select relink.add_operator($1, $2, $3, $4, make_interval(secs => $5), $6, $7) as ends_at
