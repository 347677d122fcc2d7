-- Accounts as people read of them, beside what senders and appearances tell.
select a.id, w.name as workspace, a.session_id,
       exists (select from relink.send_rules r where r.account_id = a.id) as has_own_rules
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
 where a.id = any ($1::uuid[])
