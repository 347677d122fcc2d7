-- A campaign's senders, with the place of each in the rotation.
select s.account_id, s.in_rotation, s.last_planned_at
  from relink.campaign_senders s
 where s.campaign_id = $1
 order by s.in_rotation desc, s.last_planned_at nulls first, s.account_id
 limit $2
