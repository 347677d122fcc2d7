-- $1 after · $2 seen_since · $3 limit
-- Accepted losses with a sight since then, in the order of accounts.
select t.account_id, a.workspace_id, 'loss' as class, t.version, t.from_status::text as from_status,
       t.to_status::text as to_status, t.cause, t.session_id, t.observed_at, t.words, false as case_open,
       t.id as stop_id, t.first_run, t.decided_by, t.last_run
  from relink.stopped_losses t
  join relink.accounts a on a.id = t.account_id
 where t.state = 'accepted' and t.observed_at >= $2 and ($1::uuid is null or t.account_id > $1)
 order by t.account_id
 limit $3
