-- $1 account · $2 earlier
update relink.accounts a
   set merged_into = w.earlier
  from unnest($1::uuid[], $2::uuid[]) as w(account, earlier)
 where a.id = w.account and a.merged_into is null
