-- $1 slot · $2 runs · $3 limit
-- Open losses that this run says once more, after `runs` less one before it, oldest first: so many with a look that agreed,
-- and so many of the others, those first that nobody looked at.
(select t.id, t.account_id, a.workspace_id, t.runs + 1 as runs, t.look_agrees
   from relink.stopped_losses t
   join relink.watch_proposals p on p.slot = $1 and p.account_id = t.account_id and p.class = 'loss'
    and p.version = t.version and p.to_status = t.to_status and p.cause = t.cause
   join relink.accounts a on a.id = t.account_id
  where t.state = 'open' and t.runs >= 2 and t.runs + 1 >= $2 and t.look_agrees
  order by t.first_run, t.account_id
  limit $3)
union all
(select t.id, t.account_id, a.workspace_id, t.runs + 1, t.look_agrees
   from relink.stopped_losses t
   join relink.watch_proposals p on p.slot = $1 and p.account_id = t.account_id and p.class = 'loss'
    and p.version = t.version and p.to_status = t.to_status and p.cause = t.cause
   join relink.accounts a on a.id = t.account_id
  where t.state = 'open' and t.runs >= 2 and t.runs + 1 >= $2 and t.look_agrees is not true
  order by t.looked_at nulls first, t.first_run, t.account_id
  limit $3)
