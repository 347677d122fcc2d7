-- Audit rows past the last id that was told, and those of the ids that were passed over because they were not committed.
(select a.id, a.account_id, a.version, a.at, a.recorded_at, a.from_status::text as from_status, a.to_status::text as to_status,
        a.cause, a.actor, a.recorded_by, a.job_id, a.evidence, a.xid::text as xid, a.prev_hash, a.hash, a.form, null::text[] as fields
   from relink.account_audit a
  where a.id > $1
  order by a.id
  limit $3)
union all
select a.id, a.account_id, a.version, a.at, a.recorded_at, a.from_status::text, a.to_status::text,
       a.cause, a.actor, a.recorded_by, a.job_id, a.evidence, a.xid::text, a.prev_hash, a.hash, a.form, null::text[]
  from relink.account_audit a
 where a.id = any ($2::bigint[])
 order by id
