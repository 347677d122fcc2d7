-- What was committed between two looks: of transactions from $1 to before $2, all of which had ended at the second look.
-- Ids are drawn before the commit, so that order of ids alone would pass over rows. $3 bounds what is read: ids below it
-- were drawn before any transaction of these could have begun.
select a.id, a.account_id, a.version, a.at, a.recorded_at, a.from_status::text as from_status, a.to_status::text as to_status,
       a.cause, a.actor, a.recorded_by, a.job_id, a.evidence, a.xid::text as xid, a.prev_hash, a.hash, null::text as digested
  from relink.account_audit a
 where a.id > $3 and a.xid >= $1::text::xid8 and a.xid < $2::text::xid8
   and ($4::uuid is null or a.account_id = $4)
   and (a.xid, a.id) > ($5::text::xid8, $6)
 order by a.xid, a.id
 limit $7
