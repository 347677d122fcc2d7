-- One page of the whole audit in chain order, with the bytes that each hash covers spelt out here: nothing of the
-- database's own functions is trusted.
select a.account_id, a.version, a.id, a.from_status::text as from_status, a.to_status::text as to_status, a.prev_hash, a.hash,
       a.tableoid::regclass::text as partition,
       concat_ws(E'\x1f',
            a.id, a.account_id, a.version,
            (extract(epoch from a.at) * 1000000)::bigint, (extract(epoch from a.recorded_at) * 1000000)::bigint,
            coalesce(a.from_status::text, ''), a.to_status::text, a.cause, a.actor, a.recorded_by,
            coalesce(a.job_id::text, ''), a.evidence::text, a.xid::text) as digest_text
  from relink.account_audit a
 where (a.account_id, a.version) > ($1, $2)
 order by a.account_id, a.version
 limit $3
