-- The newest $3 audit rows of everybody or of one account, since an instant if one is named.
select a.id, a.account_id, a.version, a.at, a.recorded_at, a.from_status::text as from_status, a.to_status::text as to_status,
       a.cause, a.actor, a.recorded_by, a.job_id, a.evidence, a.xid::text as xid, a.prev_hash, a.hash, a.form, null::text[] as fields
  from relink.account_audit a
 where ($1::uuid is null or a.account_id = $1) and ($2::timestamptz is null or a.recorded_at >= $2)
 order by a.id desc
 limit $3
