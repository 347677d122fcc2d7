-- $1 accounts · $2 sends · $3 from · $4 to · $5 refunds · $6 codes · $7 blames · $8 notes · $9 references · $10 chats
-- $11 usages · $12 look_ats · $13 nexts · $14 agains · $15 odds · $16 whys · $17 now · $18 actor · $19 job
select account_id, send_id
  from relink.settle_sends(p_accounts => $1::uuid[], p_sends => $2::uuid[], p_from => $3::text[], p_to => $4::text[],
                           p_refunds => $5::boolean[], p_codes => $6::text[], p_blames => $7::text[], p_notes => $8::text[],
                           p_references => $9::text[], p_chats => $10::text[], p_usages => $11::smallint[],
                           p_look_ats => $12::timestamptz[], p_nexts => $13::text[], p_agains => $14::timestamptz[],
                           p_odds => $15::boolean[], p_whys => $16::text[], p_now => $17, p_actor => $18, p_job => $19)
