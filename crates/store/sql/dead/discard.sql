select relink.discard_jobs($1, $2, $3, $4, $5) as jobs
