-- $1 account_id · $2 until · $3 streak
-- Every action of an account rests: nothing of it reaches the provider. A streak of 0 lets them go on.
insert into relink.send_closed (account_id, action, until, rule, streak)
select r.account_id, c.action, r.until, 'not_sent', r.streak
  from unnest($1::uuid[], $2::timestamptz[], $3::smallint[]) as r(account_id, until, streak)
 cross join relink.send_caps c
 where c.tier = 'free'
 order by r.account_id, c.action
on conflict (account_id, action) do update
   set until = case when excluded.streak = 0 and send_closed.rule <> excluded.rule then send_closed.until
                    else greatest(excluded.until, case when send_closed.rule <> excluded.rule then send_closed.until end) end,
       rule = case when send_closed.rule <> excluded.rule
                        and (excluded.streak = 0 or send_closed.until > excluded.until) then send_closed.rule else excluded.rule end,
       streak = excluded.streak
