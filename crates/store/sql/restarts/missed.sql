-- $1 shards · $2 at · $3 limit
-- Accounts of these shards that are recovering and have no job that will restart them: it is a dead letter, was discarded,
-- or is of before there were restarts.
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity
  from relink.accounts a
 where a.status = 'recovering' and a.shard = any ($1) and a.status_since <= $2::timestamptz - interval '2 minutes'
   and not exists (select from relink.jobs j
                    where j.account_id = a.id and j.kind = 'sessions.recover' and j.state in ('waiting', 'leased'))
 order by a.shard, a.id
 limit $3
