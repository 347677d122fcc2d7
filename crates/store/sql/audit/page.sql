-- One page of the whole audit in chain order, with the fields that each hash covers spelt out here: nothing of the
-- database's own functions is trusted.
select a.account_id, a.version, a.id, a.from_status::text as from_status, a.to_status::text as to_status, a.prev_hash, a.hash,
       a.form, a.tableoid::regclass::text as partition,
       array[a.id::text, a.account_id::text, a.version::text,
            (extract(epoch from a.at) * 1000000)::bigint::text, (extract(epoch from a.recorded_at) * 1000000)::bigint::text,
            a.from_status::text, a.to_status::text, a.cause, a.actor, a.recorded_by,
            a.job_id::text, a.evidence::text, a.xid::text] as fields
  from relink.account_audit a
 where (a.account_id, a.version) > ($1, $2)
 order by a.account_id, a.version
 limit $3
