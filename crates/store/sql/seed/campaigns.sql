-- $1 id · $2 workspace_id · $3 name · $4 on_sender_loss · $5 at
insert into relink.campaigns (id, workspace_id, name, on_sender_loss, failures_from, created_at)
select id, workspace_id, name, on_sender_loss, $5, $5
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as c(id, workspace_id, name, on_sender_loss)
