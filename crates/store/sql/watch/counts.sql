select r.sessions,
       (select count(*) from relink.accounts a
         where a.session_id is not null and a.status not in ('disconnected', 'connecting', 'missing')) as watched,
       p.losses, p.absent, p.unknown, p.verifiable, p.sample
  from relink.watch_runs r
 cross join lateral (
    select count(*) filter (where class = 'loss') as losses,
           count(*) filter (where class = 'absent') as absent,
           count(*) filter (where class = 'unknown') as unknown,
           count(*) filter (where class = 'verify') as verifiable,
           coalesce((array_agg(account_id::text order by account_id) filter (where class in ('loss', 'absent')))[1:20],
                    '{}') as sample
      from relink.watch_proposals where slot = r.slot) p
 where r.slot = $1
