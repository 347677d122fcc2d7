-- $1 id · $2 after · $3 limit
-- One page of workspaces by id; or the one of an id.
select w.id, w.name, w.version, w.zone, w.start_minute, w.end_minute, w.days, w.on_sender_loss, w.support_address, w.created_at,
       w.require_handle, w.notices, w.success_url, w.failure_url, w.ended_at, s.ended_at as subscription_ends_at,
       array(select c.address from relink.contacts c where c.workspace_id = w.id order by c.address) as addresses,
       array(select c.name from relink.contacts c where c.workspace_id = w.id order by c.address) as names
  from relink.workspaces w
  left join relink.subscriptions s on s.workspace_id = w.id
 where ($1::uuid is null or w.id = $1) and ($2::uuid is null or w.id > $2)
 order by w.id
 limit $3
