-- How many workspaces there are, and the names of some, those that have $1 in theirs first.
select w.name, count(*) over () as known
  from relink.workspaces w
 order by strpos(lower(w.name), lower($1::text)) = 0, w.name, w.id
 limit $2
