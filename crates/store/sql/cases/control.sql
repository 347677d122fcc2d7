-- A session known good: connected, and seen well by the newest complete listing or later. Spread over the fleet by $2.
select a.session_id
  from relink.accounts a
  join relink.sessions_seen s on s.session_id = a.session_id and s.health = 'ok'
   and s.slot >= coalesce((select max(r.slot) from relink.watch_runs r where r.listed_at is not null), '-infinity')
 where a.status = 'connected' and a.session_id <> $1
   and not exists (select from relink.cases c where c.session_id = a.session_id and c.closed_at is null)
 order by a.shard < $2, a.shard, s.seen_at desc
 limit 1
