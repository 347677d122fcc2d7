-- Accounts as people read of them, beside what senders_at tells.
select a.id, a.kind, a.tier, w.name as workspace, a.status::text as status, a.status_since, a.session_id, a.checkpoint,
       a.last_activity_at
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
 where a.id = any ($1::uuid[])
