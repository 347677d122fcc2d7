-- Campaigns that go by $1: their id ($2, if it is one) or name.
select c.id, c.name, w.name as workspace, null::text as detail
  from relink.campaigns c
  join relink.workspaces w on w.id = c.workspace_id
 where c.id = $2::uuid or lower(c.name) = lower($1::text)
 order by c.name, c.id
 limit $3
