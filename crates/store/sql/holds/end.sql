-- $1 account_id · $2 reason · $3 at
update relink.account_holds h
   set ended_at = $3
  from unnest($1::uuid[], $2::text[]) as e(account_id, reason)
 where h.account_id = e.account_id and h.reason = e.reason and h.ended_at is null
