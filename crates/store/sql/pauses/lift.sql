-- $1 token · $2 audit · $3 pause · $4 scope · $5 target · $6 ramp_s · $7 reason
select id, scope, target, paused_by from relink.resume_work(p_token => $1, p_audit => $2, p_pause => $3, p_scope => $4,
                                                            p_target => $5, p_ramp => make_interval(secs => $6), p_reason => $7)
