-- $1 account_id · $2 id · $3 shown_at
update relink.sends s
   set shown_at = c.shown_at
  from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as c(account_id, id, shown_at)
 where s.account_id = c.account_id and s.id = c.id and s.state = 'unknown'
