-- $1 slot · $2 at · $3 share_rows
-- What a run proposes, counted; the losses of the hour before; and the words that nobody knows, with some of their accounts
-- (R-ST-3), whatever else was found of these. Shares hold `share_rows` proposals each, in the order of accounts.
with fresh as materialized (
    select n.account_id from relink.new_losses(p_slot => $1, p_at => $2) n
), shared as (
    select p.account_id, (row_number() over (order by p.account_id) - 1) / $3::bigint as share
      from relink.watch_proposals p
     where p.slot = $1 and not p.applied
), shares as (
    select (array_agg(s.account_id order by s.account_id))[1] as first,
           (array_agg(s.account_id order by s.account_id desc))[1] as last
      from shared s
     group by s.share
)
select r.sessions,
       (select count(*) from relink.accounts a
         where a.session_id is not null and a.status not in ('disconnected', 'connecting', 'missing')) as watched,
       (select count(*) from fresh) as new_losses,
       (select count(*) from relink.lost_within_hour(p_at => $2) l where l.account_id not in (select f.account_id from fresh f)) as lost_before,
       p.absent, p.unknown, p.verifiable, o.odd,
       array(select f.account_id::text from fresh f order by f.account_id limit 20) as sample,
       array(select s.first from shares s order by s.first) as share_firsts,
       array(select s.last from shares s order by s.first) as share_lasts
  from relink.watch_runs r
 cross join lateral (
    select count(*) filter (where class = 'absent') as absent,
           count(*) filter (where class = 'unknown') as unknown,
           count(*) filter (where class = 'verify') as verifiable
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
