insert into relink.notices (account_id, episode, reason, created_at)
select a.id, a.status_version, $2, $3 from relink.accounts a where a.id = any ($1)
on conflict do nothing
