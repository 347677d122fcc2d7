-- Accounts as people read of them, beside what senders_at tells.
select a.id, a.kind, a.tier, w.name as workspace, a.status::text as status, a.status_since, a.session_id, a.checkpoint,
       a.last_activity_at, exists (select from relink.send_rules r where r.account_id = a.id) as has_own_rules
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
 where a.id = any ($1::uuid[])
