-- $1 ids · $2 queues · $3 kinds · $4 versions · $5 causes · $6 workspaces · $7 accounts · $8 payloads · $9 run_ats · $10 traceparents
-- $11 token · $12 audit
select id
  from relink.enqueue_of_act(p_ids => $1::uuid[], p_queues => $2::text[], p_kinds => $3::text[], p_versions => $4::smallint[],
                             p_causes => $5::text[], p_workspaces => $6::uuid[], p_accounts => $7::uuid[], p_payloads => $8::jsonb[],
                             p_run_ats => $9::timestamptz[], p_traceparents => $10::text[], p_token => $11, p_audit => $12)
