select a.id, a.at, c.name, a.from_status::text as from_status, a.to_status::text as to_status, a.cause
  from relink.account_audit a
  join relink.accounts c on c.id = a.account_id
 where a.cause <> 'imported'
 order by a.id desc limit $1
