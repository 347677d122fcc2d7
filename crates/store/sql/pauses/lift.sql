select id, scope, target, paused_by from relink.resume_work($1, $2, $3, $4, $5, make_interval(secs => $6), $7)
