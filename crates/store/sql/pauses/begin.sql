select relink.pause_work($1, $2, $3, $4, $5, $6, make_interval(secs => $7), $8, $9, $10) as ends_at
