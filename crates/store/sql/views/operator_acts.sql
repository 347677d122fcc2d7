-- $1 from · $2 to · $3 after_at · $4 after_id · $5 limit
-- One page of what operators did in a range of time, the oldest first.
select o.id, o.at, o.actor, o.action, o.subject, o.reason, o.detail, o.recorded_by, o.xid::text as xid
  from relink.operator_audit o
 where ($1::timestamptz is null or o.at >= $1) and ($2::timestamptz is null or o.at < $2)
   and ($3::timestamptz is null or (o.at, o.id) > ($3, $4::uuid))
 order by o.at, o.id
 limit $5
