-- The caps in force of every linked session: what the provider's referee is told.
select g.session_id, c.action,
       case when l.lifted_by is not null then coalesce(l.day, c.day) else least(l.day, c.day) end as cap_day,
       case when l.lifted_by is not null then coalesce(l.week, c.week) else least(l.week, c.week) end as cap_week
  from relink.accounts g
  join relink.send_caps c on c.tier = g.tier
  left join relink.send_limits l on l.account_id = g.id and l.action = c.action
 where g.session_id is not null
 order by g.session_id, c.action
