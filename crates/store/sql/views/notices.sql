-- $1 workspace · $2 account · $3 state · $4 step · $5 before_at · $6 before_account · $7 before_step · $8 limit
select n.account_id, a.name as account, a.workspace_id, w.name as workspace, n.episode, n.step, n.state, n.why, n.reason, n.created_at,
       n.due_at, n.held_at, n.tries, n.sending_at, n.message_id, n.smtp_code, n.trouble, n.ended_at
  from relink.notices n
  join relink.accounts a on a.id = n.account_id
  join relink.workspaces w on w.id = a.workspace_id
 where ($1::uuid is null or a.workspace_id = $1)
   and ($2::uuid is null or n.account_id = $2)
   and ($3::text is null or n.state = $3)
   and ($4::smallint is null or n.step = $4)
   and ($5::timestamptz is null or (n.created_at, n.account_id, n.step) < ($5, $6::uuid, $7::smallint))
 order by n.created_at desc, n.account_id desc, n.step desc
 limit $8
