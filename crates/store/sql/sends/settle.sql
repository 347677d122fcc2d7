-- $1 accounts · $2 sends · $3 from · $4 to · $5 refunds · $6 codes · $7 notes · $8 references · $9 chats · $10 usages
-- $11 look_ats · $12 nexts · $13 agains · $14 odds · $15 whys · $16 now · $17 actor · $18 job
select account_id, send_id
  from relink.settle_sends(p_accounts => $1::uuid[], p_sends => $2::uuid[], p_from => $3::text[], p_to => $4::text[],
                           p_refunds => $5::boolean[], p_codes => $6::text[], p_notes => $7::text[],
                           p_references => $8::text[], p_chats => $9::text[], p_usages => $10::smallint[],
                           p_look_ats => $11::timestamptz[], p_nexts => $12::text[], p_agains => $13::timestamptz[],
                           p_odds => $14::boolean[], p_whys => $15::text[], p_now => $16, p_actor => $17, p_job => $18)
