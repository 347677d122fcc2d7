select relink.end_flag($1, $2, $3, $4) as ended
