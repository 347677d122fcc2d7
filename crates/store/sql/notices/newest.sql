-- The newest notice of an account's owner.
select n.reason, n.step, n.state, n.why, n.due_at, n.look_after, n.ended_at, n.trouble
  from relink.notices n
 where n.account_id = $1
 order by n.episode desc, n.step desc
 limit 1
