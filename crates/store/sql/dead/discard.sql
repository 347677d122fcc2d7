-- $1 token · $2 audit · $3 jobs · $4 filter · $5 reason
select relink.discard_jobs(p_token => $1, p_audit => $2, p_jobs => $3, p_filter => $4, p_reason => $5) as jobs
