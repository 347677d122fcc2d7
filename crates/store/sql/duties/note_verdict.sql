-- $1 duty · $2 note · $3 at · $4 fresh_s
-- What a job says of its duty; without a note it could decide something. Of many jobs that say the same, one in `fresh_s`
-- is written; and one that could not does not follow at the heels of one that could.
update relink.duties
   set tried_at = greatest(tried_at, $3),
       conclusive_at = case when $2::text is null then greatest(conclusive_at, $3) else conclusive_at end,
       inconclusive = case when $2::text is null then 0 else inconclusive + 1 end,
       note = $2::text
 where duty = $1
   and (tried_at is null or tried_at < $3::timestamptz - make_interval(secs => $4) or $2::text is null and inconclusive > 0)
