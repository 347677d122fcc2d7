-- $1 account_id · $2 id · $3 at
-- What deciding on some sends needs, beside their accounts as senders. Their own capacity is not in `counted`.
select s.account_id, s.id, s.state, s.action, s.campaign_id, s.workspace_id,
       relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as cap_day,
       relink.cap_in_force(p_own => l.week, p_tier => c.week, p_is_lifted => l.lifted_by is not null) as cap_week,
       d.until as cooldown_until, d.code as cooldown_code, coalesce(d.streak, 0::smallint) as cooldown_streak,
       array(select o.counted_at from relink.sends o
              where o.account_id = s.account_id and o.action = s.action and o.id <> s.id
                and o.counted_at > $3::timestamptz - interval '168 hours' - relink.send_slack()
              order by o.counted_at) as counted,
       array(select b.at from relink.sends_by_hand b cross join generate_series(1, b.count)
              where b.account_id = s.account_id and b.action = s.action
                and b.at > $3::timestamptz - interval '168 hours' - relink.send_slack()
              order by b.at) as by_hand
  from unnest($1::uuid[], $2::uuid[]) as q(account_id, id)
  join relink.sends s on s.account_id = q.account_id and s.id = q.id
  join relink.accounts g on g.id = s.account_id
  join relink.send_caps c on c.tier = g.tier and c.action = s.action
  left join relink.send_limits l on l.account_id = s.account_id and l.action = s.action
  left join relink.send_cooldowns d on d.account_id = s.account_id and d.action = s.action
