-- Accounts as people read of them, beside what senders and appearances tell.
select a.id, w.name as workspace, a.session_id
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
 where a.id = any ($1::uuid[])
