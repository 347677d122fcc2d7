select relink.enable_flag($1, $2, $3, $4, make_interval(secs => $5), $6) as ends_at
