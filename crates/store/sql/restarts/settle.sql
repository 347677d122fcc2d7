-- $1 account_id · $2 id · $3 state · $4 code · $5 at
update relink.restarts r set state = w.state, code = w.code, settled_at = $5
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as w(account_id, id, state, code)
 where r.account_id = w.account_id and r.id = w.id
   and (r.state = 'calling' or r.state = 'unknown' and w.state <> 'unknown')
