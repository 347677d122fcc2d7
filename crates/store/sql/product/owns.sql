-- Whether an account is that workspace's.
select exists (select from relink.accounts a where a.workspace_id = $1 and a.id = $2) as owns
