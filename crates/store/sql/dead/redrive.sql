-- $1 token · $2 audit · $3 jobs · $4 filter · $5 spread_s · $6 reason
select relink.redrive_jobs(p_token => $1, p_audit => $2, p_jobs => $3, p_filter => $4, p_spread => make_interval(secs => $5),
                           p_reason => $6) as jobs
