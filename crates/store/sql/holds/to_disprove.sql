-- $1 first · $2 last · $3 at · $4 limit
-- Protective holds in force, of a range of shards, of accounts that came back after they were held: whom each of the sends
-- that they were judged by speaks of, and the class of its refusal, the newest first.
select h.account_id, r.blames, r.classes
  from relink.account_holds h
  join relink.accounts a on a.id = h.account_id and a.status = 'connected'
 cross join lateral (select relink.back_since(h.account_id) as at) b
 cross join lateral (
       select array_agg(n.blame order by n.settled_at desc) as blames,
              array_agg(n.class order by n.settled_at desc) as classes
         from (select o.blame, o.settled_at,
                      (select u.note from relink.send_audit u
                        where u.account_id = h.account_id and u.send_id = o.id and u.event = 'outcome'
                        order by u.id desc limit 1) as class
                 from relink.send_caps k
                cross join lateral (
                      select s.id, s.blame, s.settled_at from relink.sends s
                       where s.account_id = h.account_id and s.action = k.action and s.settled_at is not null
                         and s.counted_at > h.since - interval '24 hours'
                         and coalesce(s.sending_at, s.settled_at) < b.at
                         and coalesce(s.blame, 'account') in ('account', 'campaign', 'prospect')) o
                where k.tier = 'free'
                order by o.settled_at desc limit 50) n) r
 where h.reason = 'protective' and h.ended_at is null and h.ends_at > $3 and h.since < b.at
   and relink.shard_of(h.account_id) between $1 and $2 and r.blames is not null
 order by h.account_id
 limit $4
