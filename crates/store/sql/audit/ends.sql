-- Where each account and each chain end, to be compared with the last audit row.
select coalesce(a.id, h.account_id) as account_id, a.status::text as status, a.status_version,
       h.version as head_version, h.status::text as head_status, h.hash as head_hash
  from relink.accounts a
  full join relink.audit_heads h on h.account_id = a.id
 where coalesce(a.id, h.account_id) > $1
 order by 1
 limit $2
