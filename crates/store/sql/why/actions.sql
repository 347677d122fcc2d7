-- Each action of some accounts: its caps, what counts against them, the provider's refusals and hints, and what waits.
select q.account_id, c.action,
       relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as cap_day,
       relink.cap_in_force(p_own => l.week, p_tier => c.week, p_is_lifted => l.lifted_by is not null) as cap_week,
       c.day as tier_day, c.week as tier_week, l.lifted_by, l.note as caps_note,
       d.until as cooldown_until, d.code as cooldown_code, coalesce(d.streak, 0::smallint) as cooldown_streak,
       case when x.until > $2 then x.until end as closed_until, x.rule as closed_rule,
       h.usage, h.settled_at as usage_at, n.unknown, n.oldest_unknown_at, w.due, w.next_due_at,
       array(select s.counted_at from relink.sends s
              where s.account_id = q.account_id and s.action = c.action
                and s.counted_at > $2::timestamptz - interval '168 hours' - relink.send_slack()
              order by s.counted_at) as counted,
       array(select b.at from relink.sends_by_hand b cross join generate_series(1, b.count)
              where b.account_id = q.account_id and b.action = c.action
                and b.at > $2::timestamptz - interval '168 hours' - relink.send_slack()
              order by b.at) as by_hand
  from unnest($1::uuid[]) with ordinality as q(account_id, nth)
  join relink.accounts g on g.id = q.account_id
  join relink.send_caps c on c.tier = g.tier
  left join relink.send_limits l on l.account_id = q.account_id and l.action = c.action
  left join relink.send_cooldowns d on d.account_id = q.account_id and d.action = c.action
  left join relink.send_closed x on x.account_id = q.account_id and x.action = c.action
  left join lateral (
       select s.usage, s.settled_at from relink.sends s
        where s.account_id = q.account_id and s.action = c.action and s.usage is not null
        order by s.settled_at desc limit 1) h on true
 cross join lateral (
       select count(*) as unknown, min(s.sending_at) as oldest_unknown_at from relink.sends s
        where s.account_id = q.account_id and s.action = c.action and s.state = 'unknown') n
 cross join lateral (
       select count(*) filter (where e.due_at <= $2) as due, min(e.due_at) filter (where e.due_at > $2) as next_due_at
         from relink.enrollments e
        where e.account_id = q.account_id and e.action = c.action and e.state = 'active' and e.due_at is not null) w
 order by q.nth
