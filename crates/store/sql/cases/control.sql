-- $1 suspected · $2 spread
-- A session known good: connected, and present and well in the newest complete list. One probe of an index that begins at
-- shard `spread`, and another from the first shard on; nothing of it grows with the fleet.
select c.session_id
  from (
    (select a.session_id, 1 as turn
       from relink.accounts a
      cross join lateral (
            select from relink.sessions_seen s
             where s.session_id = a.session_id and s.health = 'ok'
               and s.gone_slot is null
            offset 0) seen
      where a.status = 'connected' and a.session_id is not null and a.shard >= $2 and a.session_id <> $1
        and not exists (select from relink.cases k where k.session_id = a.session_id and k.closed_at is null)
      order by a.shard, a.session_id
      limit 1)
    union all
    (select a.session_id, 2
       from relink.accounts a
      cross join lateral (
            select from relink.sessions_seen s
             where s.session_id = a.session_id and s.health = 'ok'
               and s.gone_slot is null
            offset 0) seen
      where a.status = 'connected' and a.session_id is not null and a.shard < $2 and a.session_id <> $1
        and not exists (select from relink.cases k where k.session_id = a.session_id and k.closed_at is null)
      order by a.shard, a.session_id
      limit 1)) c
 order by c.turn
 limit 1
