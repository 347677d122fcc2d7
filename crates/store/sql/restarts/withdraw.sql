-- $1 account_id · $2 id · $3 at
update relink.restarts r set state = 'withdrawn', settled_at = $3
  from unnest($1::uuid[], $2::uuid[]) as w(account_id, id)
 where r.account_id = w.account_id and r.id = w.id and r.state = 'reserved'
