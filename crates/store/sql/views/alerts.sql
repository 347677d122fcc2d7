-- $1 code · $2 open · $3 before_at · $4 before_id · $5 limit
-- One page of alerts, the newest first.
select a.id, a.code, a.subject, a.detail, a.raised_at, a.last_at, a.times, a.acked_at, a.acked_by
  from relink.admin_alerts a
 where ($3::timestamptz is null or (a.last_at, a.id) < ($3, $4::uuid))
   and ($1::text is null or a.code = $1)
   and (not $2::boolean or a.acked_at is null)
 order by a.last_at desc, a.id desc
 limit $5
