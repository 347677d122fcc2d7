-- $1 workspace · $2 after · $3 limit · $4 statuses · $5 kind · $6 external_id · $7 campaign · $8 changed_after
-- One page of a workspace's accounts, those after the account $2, in the order of the index; what is asked for must all fit.
select a.id, a.name, a.external_id, a.handle, a.tier, a.settings_version, a.owner_email, a.owner_name, a.locale
  from relink.accounts a
 where a.workspace_id = $1 and ($2::uuid is null or (a.shard, a.id) > (relink.shard_of($2), $2))
   and ($4::text[] is null or a.status::text = any ($4))
   and ($5::text is null or a.kind = $5)
   and ($6::text is null or a.external_id = $6)
   and ($7::uuid is null or exists (select from relink.campaign_senders s where s.campaign_id = $7 and s.account_id = a.id))
   and ($8::timestamptz is null or a.status_since > $8)
 order by a.shard, a.id
 limit $3
