-- The newest notice of an account's owner.
select n.reason, n.due_at, n.look_after, n.dropped_at, n.dropped_why
  from relink.notices n
 where n.account_id = $1
 order by n.episode desc, n.created_at desc
 limit 1
