-- $1 id · $2 code · $3 subject · $4 detail · $5 at
insert into relink.admin_alerts (id, code, subject, detail, raised_at, last_at)
select id, code, subject, detail, $5, $5
  from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) as a(id, code, subject, detail)
on conflict (code, subject) where acked_at is null
do update set last_at = excluded.last_at, times = admin_alerts.times + 1, detail = excluded.detail
