-- One account, if it is that workspace's.
select a.id, a.name, a.external_id, a.handle, a.tier, a.settings_version, a.owner_email, a.owner_name, a.locale
  from relink.accounts a where a.workspace_id = $1 and a.id = $2
