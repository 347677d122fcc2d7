-- Workspaces that go by $1: their id ($2, if it is one) or name.
select w.id, w.name, w.name as workspace, null::text as detail
  from relink.workspaces w
 where w.id = $2::uuid or lower(w.name) = lower($1::text)
 order by w.name, w.id
 limit $3
