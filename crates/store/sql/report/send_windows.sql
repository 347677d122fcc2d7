-- For each action the fullest rolling windows against their account's cap, and how many windows hold more than it
-- (R-CAP-2). Every window that could, ends with a send.
with capped as (
    select g.id as account_id, c.action,
           relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as day,
           relink.cap_in_force(p_own => l.week, p_tier => c.week, p_is_lifted => l.lifted_by is not null) as week
      from relink.accounts g
      join relink.send_caps c on c.tier = g.tier
      left join relink.send_limits l on l.account_id = g.id and l.action = c.action
), rolled as (
    select s.account_id, s.action,
           count(*) over (partition by s.account_id, s.action order by s.counted_at
                          range between interval '24 hours' - interval '1 microsecond' preceding and current row) as day,
           count(*) over (partition by s.account_id, s.action order by s.counted_at
                          range between interval '168 hours' - interval '1 microsecond' preceding and current row) as week
      from relink.sends s where s.counted_at is not null
)
select r.action, count(*) as counted,
       (array_agg(r.day order by r.day::float8 / greatest(c.day, 1) desc))[1] as day_most,
       (array_agg(c.day order by r.day::float8 / greatest(c.day, 1) desc))[1]::bigint as day_cap,
       (array_agg(r.week order by r.week::float8 / greatest(c.week, 1) desc))[1] as week_most,
       (array_agg(c.week order by r.week::float8 / greatest(c.week, 1) desc))[1]::bigint as week_cap,
       count(*) filter (where r.day > c.day) + count(*) filter (where r.week > c.week) as violations
  from rolled r
  join capped c on c.account_id = r.account_id and c.action = r.action
 group by r.action
 order by r.action
