-- $1 account
-- Restarts of the account's present stay in recovering, the newest first.
select r.rung, r.state, coalesce(r.called_at, r.reserved_at) as at, r.code
  from relink.restarts r
  join relink.accounts a on a.id = r.account_id and a.status_version = r.version and a.status = 'recovering'
 where r.account_id = $1
 order by r.reserved_at desc
 limit 12
