-- $1 workspace_id · $2 address · $3 account_id · $4 at
-- Addresses that do not exist, as a mail server says; what an owner said stands.
insert into relink.mail_stops (workspace_id, address, reason, since, account_id)
select w.workspace_id, relink.person_digest(w.address), 'undeliverable', $4, w.account_id
  from unnest($1::uuid[], $2::text[], $3::uuid[]) as w(workspace_id, address, account_id)
on conflict do nothing
