-- Accounts that go by $1: their id ($2, if it is one), name, session or handle.
select a.id, a.name, w.name as workspace, a.session_id as detail
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
 where a.id = $2::uuid or a.session_id = $1::text or lower(a.name) = lower($1) or a.handle = lower($1)
 order by a.name, a.id
 limit $3
