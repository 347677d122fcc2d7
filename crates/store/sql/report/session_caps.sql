-- The caps in force of every linked session: what the provider's referee is told.
select g.session_id, c.action,
       relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as cap_day,
       relink.cap_in_force(p_own => l.week, p_tier => c.week, p_is_lifted => l.lifted_by is not null) as cap_week
  from relink.accounts g
  join relink.send_caps c on c.tier = g.tier
  left join relink.send_limits l on l.account_id = g.id and l.action = c.action
 where g.session_id is not null
 order by g.session_id, c.action
