-- What a run proposes, counted; and the words that nobody knows, with some of their accounts (R-ST-3), whatever else was
-- found of these.
select r.sessions,
       (select count(*) from relink.accounts a
         where a.session_id is not null and a.status not in ('disconnected', 'connecting', 'missing')) as watched,
       p.losses, p.absent, p.unknown, p.verifiable, p.sample, o.odd
  from relink.watch_runs r
 cross join lateral (
    select count(*) filter (where class = 'loss') as losses,
           count(*) filter (where class = 'absent') as absent,
           count(*) filter (where class = 'unknown') as unknown,
           count(*) filter (where class = 'verify') as verifiable,
           coalesce((array_agg(account_id::text order by account_id) filter (where class in ('loss', 'absent')))[1:20],
                    '{}') as sample
      from relink.watch_proposals where slot = r.slot) p
 cross join lateral (
    select coalesce(jsonb_agg(to_jsonb(m) order by m.accounts desc, m.word), '[]') as odd
      from (select e.word, count(*) as accounts, (array_agg(e.account_id::text order by e.account_id))[1:20] as sample
              from (select distinct q.account_id, coalesce(w.word, '') as word
                      from relink.watch_proposals q
                      left join relink.sessions_seen s on s.session_id = q.session_id
                      left join lateral unnest(s.odd_words) as w(word) on true
                     where q.slot = r.slot and (w.word is not null or q.class = 'unknown')) e
             group by e.word
             order by 2 desc, 1
             limit 20) m) o
 where r.slot = $1
