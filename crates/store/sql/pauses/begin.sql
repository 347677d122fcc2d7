-- $1 token · $2 audit · $3 id · $4 scope · $5 target · $6 mode · $7 for_s · $8 queues · $9 kinds · $10 reason
select relink.pause_work(p_token => $1, p_audit => $2, p_id => $3, p_scope => $4, p_target => $5, p_mode => $6,
                         p_for => make_interval(secs => $7), p_queues => $8, p_kinds => $9, p_reason => $10) as ends_at
