-- Changes of an account's status, the newest first, those before the version $2.
select u.version, u.at, u.from_status::text as from_status, u.to_status::text as to_status, u.cause
  from relink.account_audit u
 where u.account_id = $1 and ($2::bigint is null or u.version < $2)
 order by u.version desc
 limit $3
