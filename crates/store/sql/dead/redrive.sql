select relink.redrive_jobs($1, $2, $3, $4, make_interval(secs => $5), $6) as jobs
