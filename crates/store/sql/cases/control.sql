-- A session known good: connected, present and well in the newest complete list. Spread over the fleet by $2.
select a.session_id
  from relink.accounts a
  join relink.sessions_seen s on s.session_id = a.session_id and s.health = 'ok' and s.gone_slot is null
 where a.status = 'connected' and a.session_id <> $1
   and not exists (select from relink.cases c where c.session_id = a.session_id and c.closed_at is null)
 order by a.shard < $2, a.shard, s.seen_at desc
 limit 1
