-- $1 run · $2 after · $3 limit
-- What one run stopped, in the order of accounts.
select t.account_id, a.name as account, w.name as workspace, t.session_id, t.from_status::text as from_status,
       t.to_status::text as to_status, t.cause, t.words, t.state, t.last_run, t.runs, t.observed_at, t.looked_at, t.look_agrees,
       t.decided_at, t.decided_by, t.reason, t.until
  from relink.stopped_losses t
  join relink.accounts a on a.id = t.account_id
  join relink.workspaces w on w.id = a.workspace_id
 where t.first_run = $1 and ($2::uuid is null or t.account_id > $2)
 order by t.account_id
 limit $3
