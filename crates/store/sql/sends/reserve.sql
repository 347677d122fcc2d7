-- $1 accounts · $2 sends · $3 allowances · $4 gaps_s · $5 rules · $6 actor · $7 jobs · $8 closes
select account_id, send_id, verdict
  from relink.reserve_sends(p_accounts => $1::uuid[], p_sends => $2::uuid[], p_allowances => $3::integer[],
                            p_gaps_s => $4::float8[], p_rules => $5::integer[], p_actor => $6, p_jobs => $7::uuid[],
                            p_closes => $8::timestamptz[])
