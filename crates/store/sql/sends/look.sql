-- $1 account_id · $2 id · $3 is_absent · $4 next · $5 at
update relink.sends s
   set looks = s.looks + 1, look_at = l.next,
       absences = s.absences + case when l.is_absent then 1 else 0 end,
       last_absence_at = case when l.is_absent then $5 else s.last_absence_at end
  from unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::timestamptz[]) as l(account_id, id, is_absent, next)
 where s.account_id = l.account_id and s.id = l.id and s.state = 'unknown'
