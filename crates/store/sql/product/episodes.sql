-- Times in which an account could not send, the newest first, those that began before the version $2.
select e.began_version, e.began_at, e.cause, e.ended_at, e.returned_by, e.proved_at
  from relink.episodes e
 where e.account_id = $1 and ($2::bigint is null or e.began_version < $2)
 order by e.began_version desc
 limit $3
