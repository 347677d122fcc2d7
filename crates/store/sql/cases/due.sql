-- $1 slot · $2 limit
-- Cases whose verdict is stopped, whose session this run left out and the two complete ones before it, the oldest first.
-- `number` is that of the poll that comes next.
select c.id, c.account_id, a.workspace_id, coalesce(m.number, 0) + 1 as number
  from relink.watch_proposals p
  join relink.cases c on c.account_id = p.account_id and c.session_id = p.session_id and c.closed_at is null
   and c.stopped_at is not null and c.released_at is null and c.confirmed_at is null
  join relink.accounts a on a.id = c.account_id
 cross join lateral (select max(n.number) as number from relink.case_polls n where n.case_id = c.id) m
 where p.slot = $1 and p.class = 'absent'
   and 2 = (select count(*)
              from (select r.slot from relink.watch_runs r
                     where r.slot < $1 and r.watched is not null and r.is_whole order by r.slot desc limit 2) b
              join relink.watch_proposals q on q.slot = b.slot and q.account_id = p.account_id
               and q.session_id = p.session_id and q.class = 'absent')
 order by c.opened_at, c.id
 limit $2
