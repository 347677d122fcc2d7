-- $1 accounts · $2 sends · $3 codes · $4 now · $5 actor · $6 job
select account_id, send_id from relink.cancel_sends(p_accounts => $1::uuid[], p_sends => $2::uuid[], p_codes => $3::text[],
                                                    p_now => $4, p_actor => $5, p_job => $6)
