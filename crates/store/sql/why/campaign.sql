select c.id, c.name, w.name as workspace, c.workspace_id, c.active, coalesce(c.on_sender_loss, w.on_sender_loss) as on_sender_loss, c.failures_from
  from relink.campaigns c
  join relink.workspaces w on w.id = c.workspace_id
 where c.id = $1
