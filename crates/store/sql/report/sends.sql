-- For each action: what all connected accounts together used of their caps, whose cap is used up, and what goes next.
with used as (
    select s.account_id, s.action, count(*) as week,
           count(*) filter (where s.counted_at > $1::timestamptz - interval '24 hours') as day
      from relink.sends s
     where s.counted_at > $1 - interval '168 hours'
     group by s.account_id, s.action
), capped as (
    select g.id as account_id, c.action,
           relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as day,
           relink.cap_in_force(p_own => l.week, p_tier => c.week, p_is_lifted => l.lifted_by is not null) as week
      from relink.accounts g
      join relink.send_caps c on c.tier = g.tier
      left join relink.send_limits l on l.account_id = g.id and l.action = c.action
     where g.status = 'connected'
)
select c.action, sum(c.day)::bigint as cap_day, coalesce(sum(u.day), 0)::bigint as used_day,
       sum(c.week)::bigint as cap_week, coalesce(sum(u.week), 0)::bigint as used_week,
       count(*) filter (where u.day >= c.day or u.week >= c.week) as full_accounts,
       (select count(*) from relink.sends s where s.action = c.action and s.state = 'unknown') as unknown,
       (select min(s.slot_at) from relink.sends s where s.action = c.action and s.state = 'planned') as next_slot_at
  from capped c
  left join used u on u.account_id = c.account_id and u.action = c.action
 group by c.action
 order by c.action
