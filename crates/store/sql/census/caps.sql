-- Accounts of shards $1 … $2 that sent since $3, by how much of their day's cap of each action is used.
with used as (
    select c.action, n.sends,
           relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as cap
      from relink.accounts a
      join relink.send_caps c on c.tier = a.tier
      left join relink.send_limits l on l.account_id = a.id and l.action = c.action
     cross join lateral (select count(*) as sends from relink.sends s
                          where s.account_id = a.id and s.action = c.action and s.counted_at > $3) n
     where a.shard between $1 and $2 and n.sends > 0
)
select action, case when sends >= cap then '100' when sends * 10 >= cap * 8 then '80-100'
                    when sends * 2 >= cap then '50-80' else '0-50' end as used,
       count(*) as accounts
  from used
 group by 1, 2
