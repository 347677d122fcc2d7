-- What settling one send needs: whom the last sends of its account and of its campaign speak of. Of those that count
-- alone: what is not known yet, what the provider or we did, says nothing. Neither does a call from before its account came back, nor one from before its
-- campaign's resumption (R-HEAL-2): not by when it was settled, which may be long after.
select s.workspace_id, s.campaign_id, s.state, s.code, s.action, s.sending_at, s.looks, s.absences, s.last_absence_at,
       s.action = 'invite' and s.body is not null and a.tier = 'free' as has_scarce_note,
       coalesce(n.streak, 0::smallint) as note_streak,
       coalesce((select max(x.streak) from relink.send_closed x
                  where x.account_id = s.account_id), 0::smallint) as silence_streak,
       coalesce(e.odd_refusals, 0::smallint) as odd_refusals, coalesce(d.streak, 0::smallint) as cooldown_streak,
       -- By a send that was made after it, and not by one of before that is known now.
       coalesce(h.proved_at is null and h.ends_at <= $3::timestamptz and h.ends_at < s.counted_at and b.counts, false) as probing,
       array(select n.blame from relink.send_caps k cross join lateral (
                 select o.settled_at, o.blame from relink.sends o
                  where o.account_id = s.account_id and o.action = k.action and o.id <> s.id
                    and o.counted_at > $3::timestamptz - interval '24 hours' and o.settled_at is not null
                    and o.settled_at > coalesce(least(h.ends_at, h.ended_at), '-infinity')
                    and coalesce(o.sending_at, o.settled_at) >= b.since
                    and coalesce(o.blame, 'account') in ('account', 'campaign', 'prospect')) n
              where k.tier = 'free' and b.counts order by n.settled_at desc limit 50) as recent,
       array(select o.blame from relink.sends o
              where o.campaign_id = s.campaign_id and o.id <> s.id and o.counted_at is not null
                and o.settled_at > greatest(c.failures_from, $3::timestamptz - interval '24 hours')
                and coalesce(o.sending_at, o.settled_at) >= greatest(c.failures_from, relink.back_since(o.account_id))
                and coalesce(o.blame, 'account') in ('account', 'campaign', 'prospect')
                and b.counts and coalesce(s.sending_at, $3) >= c.failures_from
              order by o.settled_at desc limit 50) as campaign_recent
  from relink.sends s
 cross join lateral (select relink.back_since(s.account_id) as since,
                            coalesce(s.sending_at, $3) >= relink.back_since(s.account_id) as counts) b
  join relink.accounts a on a.id = s.account_id
  left join relink.send_cooldowns n on n.account_id = s.account_id and n.action = 'invite_note'
  left join relink.enrollments e on e.id = s.enrollment_id
  left join relink.campaigns c on c.id = s.campaign_id
  left join relink.send_cooldowns d on d.account_id = s.account_id and d.action = s.action
  left join relink.account_holds h on h.account_id = s.account_id and h.reason = 'protective'
 where s.account_id = $1 and s.id = $2
