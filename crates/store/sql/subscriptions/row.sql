select s.ended_at, s.renewed_at,
       array(select n.day from relink.workspace_notices n
              where n.workspace_id = s.workspace_id and n.episode = s.ended_at order by n.day) as told_days
  from relink.subscriptions s
 where s.workspace_id = $1
