-- $1 workspace · $2 pause · $3 id · $4 after · $5 limit
-- One page of campaigns by id; or the one of an id.
select c.id, c.name, c.workspace_id, w.name as workspace, c.active, coalesce(c.on_sender_loss, w.on_sender_loss) as on_sender_loss, c.created_at,
       array(select p.reason from relink.campaign_pauses p
              where p.campaign_id = c.id and p.lifted_at is null order by p.reason) as pauses,
       (select count(*) from relink.campaign_senders s where s.campaign_id = c.id) as senders,
       (select count(*) from relink.campaign_senders s where s.campaign_id = c.id and s.in_rotation) as in_rotation
  from relink.campaigns c
  join relink.workspaces w on w.id = c.workspace_id
 where c.id > $4
   and ($1::uuid is null or c.workspace_id = $1)
   and ($2::text is null or exists (select from relink.campaign_pauses p
                                     where p.campaign_id = c.id and p.reason = $2 and p.lifted_at is null))
   and ($3::uuid is null or c.id = $3)
 order by c.id
 limit $5
