-- $1 from · $2 to · $3 after · $4 account · $5 limit
-- One page of the audit of a range of time, by id, with the fields that each hash covers.
select a.id, a.account_id, a.version, a.at, a.recorded_at, a.from_status::text as from_status, a.to_status::text as to_status,
       a.cause, a.actor, a.recorded_by, a.job_id, a.evidence, a.xid::text as xid, a.prev_hash, a.hash, a.form,
       array[a.id::text, a.account_id::text, a.version::text,
            (extract(epoch from a.at) * 1000000)::bigint::text, (extract(epoch from a.recorded_at) * 1000000)::bigint::text,
            a.from_status::text, a.to_status::text, a.cause, a.actor, a.recorded_by,
            a.job_id::text, a.evidence::text, a.xid::text] as fields
  from relink.account_audit a
 where a.id > $3
   and ($1::timestamptz is null or a.recorded_at >= $1) and ($2::timestamptz is null or a.recorded_at < $2)
   and ($4::uuid is null or a.account_id = $4)
 order by a.id
 limit $5
