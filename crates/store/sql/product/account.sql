-- One account, if it is that workspace's.
select a.id, a.name from relink.accounts a where a.workspace_id = $1 and a.id = $2
