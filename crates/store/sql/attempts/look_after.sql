-- $1 account · $2 attempt · $3 ids · $4 version · $5 causes · $6 payloads · $7 run_ats · $8 traceparents
select id
  from relink.look_after_link(p_account => $1, p_attempt => $2, p_ids => $3::uuid[], p_version => $4, p_causes => $5::text[],
                              p_payloads => $6::jsonb[], p_run_ats => $7::timestamptz[], p_traceparents => $8::text[])
